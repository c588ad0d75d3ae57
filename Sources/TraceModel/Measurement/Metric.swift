/// One number of a measurement, round by round.
public struct Metric: Hashable, Sendable {
  /// In what a metric is told.
  public enum Unit: String, Codable, Sendable {
    case bitsPerSecond = "bit/s"
    case framesPerSecond = "frames/s"
    case microseconds = "us"
    case nanoseconds = "ns"
    /// From 0 to 1.
    case share
  }

  /// What it is called in JSON: `tcp_forward`, `latency_idle_p50`.
  public var key: String
  /// What it is called for people.
  public var title: String
  /// In what it is told.
  public var unit: Unit
  /// Whether more is better.
  public var isMoreBetter: Bool
  /// By the number of the round; rounds that were cut off lack it.
  public var values: [Int: Double]

  /// What the rounds gave.
  public var spread: Spread? { Spread(Array(values.values)) }
}

extension MeasuredPath {
  /// Every number that was measured, in the order in which it is told.
  public var metrics: [Metric] {
    var metrics: [Metric] = []
    var places: [String: Int] = [:]
    func note(
      _ round: Int, _ key: String, _ title: String, _ unit: Metric.Unit, isMoreBetter: Bool, _ value: Double?
    ) {
      guard let value, value.isFinite else { return }
      let place = places[key] ?? metrics.count
      if place == metrics.count {
        places[key] = place
        metrics.append(
          Metric(key: key, title: title, unit: unit, isMoreBetter: isMoreBetter, values: [:]))
      }
      metrics[place].values[round] = value
    }
    for (number, round) in rounds.enumerated() {
      for one in round.throughput {
        let key = "\(one.transport.rawValue)_\(one.direction.rawValue)"
        let arrow = one.direction == .forward ? "A → B" : "B → A"
        let title = "\(one.transport.rawValue.uppercased()) \(arrow)"
        note(number, key, title, .bitsPerSecond, isMoreBetter: true, one.bitsPerSecond)
        note(number, key + "_loss", title + ", lost", .share, isMoreBetter: false, one.loss)
      }
      for one in round.frameRates {
        let key = "frames_\(one.size)"
        let title = "frames of \(one.size) octets"
        note(
          number, key, title + ", all that fits", .framesPerSecond, isMoreBetter: true,
          one.flood.receivedPerSecond)
        note(
          number, key + "_loss_free", title + ", loss-free", .framesPerSecond, isMoreBetter: true,
          one.lossFree)
        note(
          number, key + "_cpu", title + ", CPU a frame", .nanoseconds, isMoreBetter: false, one.cpuNanoseconds
        )
      }
      for one in round.latency {
        let key = "latency_\(one.condition.rawValue)"
        let title = "round trip \(one.condition == .idle ? "idle," : "under load,")"
        let times = one.roundTrip
        for (name, value) in [
          ("p50", times.p50), ("p90", times.p90), ("p99", times.p99), ("p99.9", times.p999),
          ("max", times.maximum),
        ] {
          let suffix = name == "p99.9" ? "p99_9" : name
          note(number, "\(key)_\(suffix)", "\(title) \(name)", .microseconds, isMoreBetter: false, value)
        }
        note(number, key + "_jitter", title + " jitter", .microseconds, isMoreBetter: false, one.jitter)
        if one.lost > 0 {
          note(
            number, key + "_loss", title + " lost", .share, isMoreBetter: false,
            Double(one.lost) / Double(max(one.sent, 1)))
        }
      }
    }
    return metrics
  }

  /// The metric of that key.
  public func metric(_ key: String) -> Metric? { metrics.first { $0.key == key } }
}
