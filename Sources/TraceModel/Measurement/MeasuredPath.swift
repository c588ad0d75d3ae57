/// What one round of loads gave.
public struct MeasuredRound: Hashable, Codable, Sendable {
  /// Streams.
  public var throughput: [ThroughputResult] = []
  /// Round trips.
  public var latency: [LatencyResult] = []
  /// Frames per second.
  public var frameRates: [FrameRateResult] = []

  private enum CodingKeys: String, CodingKey {
    case throughput, latency
    case frameRates = "frame_rates"
  }

  /// Nothing yet.
  public init() {}

  /// Whether nothing was measured.
  public var isEmpty: Bool { throughput.isEmpty && latency.isEmpty && frameRates.isEmpty }
}

/// The rounds of loads on one path.
public struct MeasuredPath: Hashable, Codable, Sendable {
  /// `bbox1 to bbox2`, `macvlan`, `attached`.
  public var name: String
  /// The rounds, in order.
  public var rounds: [MeasuredRound]
  /// Why nothing could be measured, such as a kernel that lacks the kind of path.
  public var missing: String?
  /// What frames take from hook to hook; empty where that was not looked at.
  public var hops: [HopLatency]

  /// Describes a path on which nothing was measured yet.
  public init(_ name: String, missing: String? = nil) {
    self.name = name
    self.missing = missing
    rounds = []
    hops = []
  }
}
