/// A distribution of times, in microseconds.
public struct Percentiles: Hashable, Codable, Sendable {
  /// How many values there were.
  public var count: UInt64
  /// The shortest.
  public var minimum: Double
  /// The mean.
  public var mean: Double
  /// Half took no longer.
  public var p50: Double
  /// 90 percent took no longer.
  public var p90: Double
  /// 99 percent took no longer.
  public var p99: Double
  /// 99.9 percent took no longer.
  public var p999: Double
  /// The longest.
  public var maximum: Double

  private enum CodingKeys: String, CodingKey {
    case count
    case minimum = "min"
    case mean, p50, p90, p99
    case p999 = "p99_9"
    case maximum = "max"
  }

  /// - Parameter histogram: of nanoseconds; `nil` for an empty one.
  public init?(_ histogram: LatencyHistogram) {
    guard histogram.total > 0 else { return nil }
    let value = { (percentile: Double) in Double(histogram.value(atPercentile: percentile)) / 1000 }
    count = histogram.total
    minimum = Double(histogram.minimum) / 1000
    mean = histogram.mean / 1000
    p50 = value(50)
    p90 = value(90)
    p99 = value(99)
    p999 = value(99.9)
    maximum = Double(histogram.maximum) / 1000
  }
}
