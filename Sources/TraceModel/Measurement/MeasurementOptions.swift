/// A kind of load.
public enum LoadKind: String, Codable, CaseIterable, Sendable {
  /// TCP streams.
  case tcp
  /// UDP streams.
  case udp
  /// Round trips, idle and beside a TCP stream.
  case latency
  /// Frames per second, by size.
  case frames
}

/// What a measurement was asked to do.
public struct MeasurementOptions: Hashable, Codable, Sendable {
  /// How long each load runs, in seconds.
  public var seconds: Double
  /// How often each load runs.
  public var rounds: Int
  /// UDP: bit/s that are offered; `nil`: all that the sender can.
  public var bitsPerSecond: Double?
  /// The sizes of frames, in octets from the destination MAC to the end, FCS not included.
  public var sizes: [Int]
  /// What is measured.
  public var loads: [LoadKind]

  private enum CodingKeys: String, CodingKey {
    case seconds, rounds
    case bitsPerSecond = "bits_per_second"
    case sizes, loads
  }

  /// States what is to be done.
  public init(
    seconds: Double, rounds: Int, bitsPerSecond: Double? = nil, sizes: [Int],
    loads: [LoadKind] = LoadKind.allCases
  ) {
    self.seconds = seconds
    self.rounds = rounds
    self.bitsPerSecond = bitsPerSecond
    self.sizes = sizes
    self.loads = loads
  }
}
