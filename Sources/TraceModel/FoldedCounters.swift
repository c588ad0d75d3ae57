/// The counts of the interfaces that left first, in one sum: a capture that goes on for long keeps single counters of so
/// many only.
///
/// Nothing is lost by it but the detail: the counters and this sum are all that was counted.
public struct FoldedCounters: Hashable, Codable, Sendable {
  /// How many interfaces' counters are in the sum; one that came and left again counts each time.
  public var interfaces: UInt64 = 0
  /// Frames at their hooks, and at the hooks of others under their addresses.
  public var frames: UInt64 = 0
  /// Octets of those frames.
  public var bytes: UInt64 = 0

  /// Nothing folded.
  public init() {}
}
