/// What frames take from one hook to the next, inside of this host.
public struct HopLatency: Hashable, Codable, Sendable {
  /// Where they were seen first: `eth0 in bbox1, out`.
  public var from: String
  /// Where they were seen next.
  public var to: String
  /// Which way the frames go.
  public var direction: LoadDirection
  /// In microseconds.
  public var time: Percentiles

  private enum CodingKeys: String, CodingKey {
    case from, to, direction
    case time = "time_us"
  }

  /// States what a hop takes.
  public init(from: String, to: String, direction: LoadDirection, time: Percentiles) {
    self.from = from
    self.to = to
    self.direction = direction
    self.time = time
  }
}
