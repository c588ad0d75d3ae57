public import TraceModel

/// One thing that is measured in a round.
public enum Load: Hashable, Sendable {
  /// A stream of iperf3.
  case stream(ThroughputResult.Transport, LoadDirection)
  /// Round trips while nothing else goes on.
  case idleLatency
  /// Round trips beside a TCP stream.
  case loadedLatency
  /// Frames of a size: how many fit, and, where it is searched for, how many do without a loss.
  case frames(size: Int, search: Bool)

  /// What a person is told that it is.
  var title: String {
    switch self {
    case .stream(let transport, let direction):
      "\(transport.rawValue.uppercased()) \(direction == .forward ? "A to B" : "B to A")"
    case .idleLatency: "round trips, idle"
    case .loadedLatency: "round trips under load"
    case .frames(let size, let search): "frames of \(size) octets\(search ? ", loss-free rate" : "")"
    }
  }

  /// What it is a kind of.
  var kind: LoadKind {
    switch self {
    case .stream(.tcp, _): .tcp
    case .stream(.udp, _): .udp
    case .idleLatency, .loadedLatency: .latency
    case .frames: .frames
    }
  }

  /// What is measured between two stations.
  public static func measuring(_ options: MeasurementOptions) -> [Load] {
    let all: [Load] =
      [
        .idleLatency, .stream(.tcp, .forward), .stream(.tcp, .reverse), .stream(.udp, .forward),
        .stream(.udp, .reverse), .loadedLatency,
      ] + options.sizes.map { .frames(size: $0, search: true) }
    return all.filter { options.loads.contains($0.kind) }
  }

  /// What tells paths apart.
  public static func comparing(_ options: MeasurementOptions) -> [Load] {
    let all: [Load] =
      [.idleLatency, .stream(.tcp, .forward), .loadedLatency, .stream(.udp, .forward)]
      + options.sizes.map { .frames(size: $0, search: false) }
    return all.filter { options.loads.contains($0.kind) }
  }
}
