/// The protocol behind an Ethernet header or a tag (IEEE 802.3, 3.2.6; numbers of IANA's registry).
public struct EtherType: RawRepresentable, Hashable, Sendable {
  /// The number on the wire, 0x0600 and up; below that the field is a length.
  public var rawValue: UInt16

  /// Takes any number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// 0x0800.
  public static let ipv4 = EtherType(rawValue: 0x0800)
  /// 0x0806.
  public static let arp = EtherType(rawValue: 0x0806)
  /// 0x86dd.
  public static let ipv6 = EtherType(rawValue: 0x86dd)
  /// 0x8100: the customer tag of IEEE 802.1Q.
  public static let customerTag = EtherType(rawValue: 0x8100)
  /// 0x88a8: the service tag of IEEE 802.1ad.
  public static let serviceTag = EtherType(rawValue: 0x88a8)
  /// 0x88b5: free for experiments (IEEE 802, 9.2.4); no protocol answers to it.
  public static let localExperimental = EtherType(rawValue: 0x88b5)

  /// Whether a VLAN tag follows.
  public var isTag: Bool { self == .customerTag || self == .serviceTag }
  /// The largest value of the field that is a length (IEEE 802.3, 3.2.6).
  static let largestLength = 1500
  /// The smallest value of the field that is a type.
  static let smallestType = 0x0600
}

extension EtherType: CustomStringConvertible {
  /// Four hexadecimal digits after `0x`.
  public var description: String {
    let digits = String(rawValue, radix: 16)
    return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
