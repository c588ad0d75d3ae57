/// A hook that did not see every frame: from its silence nothing follows.
public struct BlindHook: Hashable, Codable, Sendable {
  /// The hook.
  public var hook: Hook
  /// From when on, in nanoseconds of CLOCK_MONOTONIC; 0 for the whole observation.
  public var since: UInt64
  /// Why, as a sentence without its full stop.
  public var reason: String

  /// States that a hook missed frames.
  public init(_ hook: Hook, since: UInt64 = 0, reason: String) {
    self.hook = hook
    self.since = since
    self.reason = reason
  }
}
