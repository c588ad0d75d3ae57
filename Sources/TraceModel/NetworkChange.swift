/// One thing that happened to the observed network, or to what observes it, while it was observed.
public struct NetworkChange: Hashable, Codable, Sendable {
  /// What kind of thing happened.
  public enum Kind: String, Codable, Sendable {
    /// An interface came to the parent, and its frames are counted from here on.
    case appeared
    /// An interface was deleted or moved away; its counts are final.
    case vanished
    /// An interface went to another namespace, and is counted there under the same hooks.
    case moved
    /// The parent itself was deleted or moved away.
    case parentGone = "parent_gone"
    /// An interface with the parent's name is there again.
    case parentReturned = "parent_returned"
    /// Somebody removed macvtrace's program from a hook: what passes there is no longer seen.
    case programRemoved = "program_removed"
  }

  /// CLOCK_MONOTONIC, in nanoseconds: the clock of the sightings.
  public var time: UInt64
  /// What happened.
  public var kind: Kind
  /// To which interface.
  public var interface: InterfaceID
  /// One sentence for a person: names and what it means.
  public var text: String

  /// States a change.
  public init(time: UInt64, kind: Kind, interface: InterfaceID, text: String) {
    self.time = time
    self.kind = kind
    self.interface = interface
    self.text = text
  }
}
