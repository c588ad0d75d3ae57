/// Round trips of small datagrams between two stations.
public struct LatencyResult: Hashable, Codable, Sendable {
  /// What else went on.
  public enum Condition: String, Codable, CaseIterable, Sendable {
    /// Nothing that the measurement made.
    case idle
    /// A TCP stream at full speed in the same direction.
    case loaded
  }

  /// A point of the distribution.
  public struct Quantile: Hashable, Codable, Sendable {
    /// From 0 to 100.
    public var percentile: Double
    /// In microseconds.
    public var value: Double

    private enum CodingKeys: String, CodingKey {
      case percentile
      case value = "us"
    }

    /// Describes a point.
    public init(percentile: Double, value: Double) {
      self.percentile = percentile
      self.value = value
    }
  }

  /// What happened in a part of the time.
  public struct Slice: Hashable, Codable, Sendable {
    /// When it began, in seconds from the first round trip on.
    public var start: Double
    /// In microseconds.
    public var median: Double
    /// In microseconds.
    public var maximum: Double

    private enum CodingKeys: String, CodingKey {
      case start = "seconds"
      case median = "median_us"
      case maximum = "max_us"
    }

    /// Describes a slice.
    public init(start: Double, median: Double, maximum: Double) {
      self.start = start
      self.median = median
      self.maximum = maximum
    }
  }

  /// What else went on.
  public var condition: Condition
  /// How long it was measured, in seconds.
  public var seconds: Double
  /// Datagrams that were sent.
  public var sent: UInt64
  /// Those whose echo did not come in time.
  public var lost: UInt64
  /// The octets of a frame, from its destination MAC to its end, FCS not included.
  public var frameOctets: Int
  /// In microseconds.
  public var roundTrip: Percentiles
  /// The mean difference between one round trip and the next, in microseconds.
  public var jitter: Double
  /// Percentiles nearer and nearer to 100.
  public var distribution: [Quantile]
  /// Parts of the time in which something came back, in order.
  public var timeline: [Slice]

  private enum CodingKeys: String, CodingKey {
    case condition, seconds, sent, lost
    case frameOctets = "frame_octets"
    case roundTrip = "round_trip_us"
    case jitter = "jitter_us"
    case distribution, timeline
  }

  /// States a result; `nil` where nothing came back.
  public init?(
    _ condition: Condition, _ histogram: LatencyHistogram, seconds: Double, sent: UInt64, lost: UInt64,
    frameOctets: Int, jitter: Double, timeline: [Slice]
  ) {
    guard let percentiles = Percentiles(histogram) else { return nil }
    self.condition = condition
    self.seconds = seconds
    self.sent = sent
    self.lost = lost
    self.frameOctets = frameOctets
    roundTrip = percentiles
    self.jitter = jitter
    distribution = histogram.distribution.map {
      Quantile(percentile: $0.percentile, value: Double($0.value) / 1000)
    }
    self.timeline = timeline
  }
}
