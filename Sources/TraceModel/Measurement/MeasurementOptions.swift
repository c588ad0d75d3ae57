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

  private enum CodingKeys: String, CodingKey {
    case seconds, rounds
    case bitsPerSecond = "bits_per_second"
    case sizes
  }

  /// States what is to be done.
  public init(seconds: Double, rounds: Int, bitsPerSecond: Double? = nil, sizes: [Int]) {
    self.seconds = seconds
    self.rounds = rounds
    self.bitsPerSecond = bitsPerSecond
    self.sizes = sizes
  }
}
