/// A frame of a capture file (pcapng, 4.3: Enhanced Packet Block).
public struct CapturedPacket: Hashable, Sendable {
  /// Which way a frame went (`epb_flags`, bits 0 and 1).
  public enum Direction: UInt8, Hashable, Sendable {
    /// It was received.
    case inbound = 1
    /// It was sent.
    case outbound = 2
  }

  /// The index of its interface among those of the file.
  public var interface: Int
  /// When it was seen, in nanoseconds since 1970-01-01 UTC; `nil` when the file does not say it.
  public var timestamp: UInt64?
  /// The octets that were kept.
  public var octets: [UInt8]
  /// The length on the wire; more than `octets` has where the frame was cut off.
  public var originalLength: UInt32
  /// Which way it went; `nil`: not said.
  public var direction: Direction?
  /// The number that the same frame has wherever it was seen (`epb_packetid`); `nil`: not said.
  public var packetID: UInt64?
  /// Remarks for a reader (`opt_comment`).
  public var comments: [String]

  /// Makes a packet; without an `originalLength` all of the frame was kept.
  public init(
    interface: Int, timestamp: UInt64?, octets: [UInt8], originalLength: UInt32? = nil,
    direction: Direction? = nil, packetID: UInt64? = nil, comments: [String] = []
  ) {
    self.interface = interface
    self.timestamp = timestamp
    self.octets = octets
    self.originalLength = originalLength ?? UInt32(truncatingIfNeeded: octets.count)
    self.direction = direction
    self.packetID = packetID
    self.comments = comments
  }
}
