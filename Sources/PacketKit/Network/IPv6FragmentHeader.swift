/// The fragment header (RFC 8200, 4.5).
public struct IPv6FragmentHeader: Hashable, Sendable {
  /// Where the payload belongs in the packet that was fragmented, in units of 8 octets, 0 to 8191.
  public var offset: UInt16
  /// Whether more fragments of this packet follow.
  public var hasMore: Bool
  /// What fragments of one packet have in common.
  public var identification: UInt32
  /// The bits that senders set to zero: eight before the offset, two behind it.
  public var reserved: UInt16

  /// Makes a header.
  public init(offset: UInt16, hasMore: Bool, identification: UInt32, reserved: UInt16 = 0) {
    self.offset = offset
    self.hasMore = hasMore
    self.identification = identification
    self.reserved = reserved
  }

  /// Reads what follows the next header's number.
  init(body reserved: UInt8, _ fields: UInt16, _ identification: UInt32) {
    self.init(
      offset: fields >> 3, hasMore: fields & 1 != 0, identification: identification,
      reserved: UInt16(reserved) << 2 | fields >> 1 & 3)
  }

  /// What follows the next header's number.
  func body() throws(BuildError) -> [UInt8] {
    let offset = try BuildError.length(Int(offset), "fragment offset", of: .ipv6Extension, limit: 0x1fff)
    var octets = [UInt8(truncatingIfNeeded: reserved >> 2)]
    octets.append(bigEndian: UInt16(offset) << 3 | (reserved & 3) << 1 | (hasMore ? 1 : 0))
    octets.append(bigEndian: identification)
    return octets
  }
}
