/// The way a frame takes through an interface, as tc names it.
public enum Direction: String, Codable, Sendable {
  /// Into the host's stack: what the interface received.
  case ingress
  /// Out of the host's stack: what the interface is about to send.
  case egress
}

/// A place where frames are seen: one interface, one direction.
public struct Hook: Hashable, Codable, Sendable {
  /// The interface.
  public var interface: InterfaceID
  /// The way through it.
  public var direction: Direction

  /// Names a hook.
  public init(_ interface: InterfaceID, _ direction: Direction) {
    self.interface = interface
    self.direction = direction
  }
}

/// Why a frame was recorded.
public enum SelectionReason: UInt8, Codable, Sendable {
  /// ARP, neighbor discovery or ICMP: always recorded.
  case explains = 0
  /// A TCP segment with SYN, FIN or RST: always recorded.
  case connection = 1
  /// Among the first frames of a conversation at this hook.
  case conversation = 2
  /// Selected by the hash of what forwarding never changes (RFC 5475, 6.2).
  case sampled = 3

  /// Whether every such frame is recorded, but for losses that are counted.
  public var isCertain: Bool { self == .explains || self == .connection }
}

/// One frame seen at one hook.
public struct Sighting: Hashable, Codable, Sendable {
  // In this order it takes 152 octets: of so many, memory is what reading them costs.
  /// Nanoseconds of CLOCK_MONOTONIC.
  public var time: UInt64
  /// A hash over what forwarding never changes: equal at every hook that the packet passes.
  public var packetID: UInt64
  /// Where the frame was seen.
  public var hook: Hook
  /// Why it was recorded.
  public var reason: SelectionReason
  /// Octets on the wire from the destination MAC to the end of the payload, tags included, FCS not; the sum
  /// over all segments of a GSO or GRO buffer.
  public var length: UInt32
  /// Frames on the wire that this buffer stands for: 1 but for GSO and GRO.
  public var segments: UInt32
  /// The fields that explain it.
  public var frame: Frame

  /// Octets of the packet, from its network header on.
  public var packetLength: Int {
    let tags = (frame.outerTag == nil ? 0 : 1) + (frame.innerTag == nil ? 0 : 1)
    return max(Int(length) - 14 - 4 * tags, 0)
  }

  /// Makes a sighting.
  public init(
    time: UInt64, hook: Hook, packetID: UInt64, reason: SelectionReason = .explains, length: UInt32 = 0,
    segments: UInt32 = 1, frame: Frame
  ) {
    self.time = time
    self.hook = hook
    self.packetID = packetID
    self.reason = reason
    self.length = length
    self.segments = segments
    self.frame = frame
  }
}
