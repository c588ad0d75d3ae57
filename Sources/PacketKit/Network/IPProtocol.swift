/// The protocol behind an IP header (IANA's "Assigned Internet Protocol Numbers").
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt8

  /// Takes any number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// 0: IPv6's hop-by-hop options.
  public static let hopByHop = IPProtocol(rawValue: 0)
  /// 1.
  public static let icmpv4 = IPProtocol(rawValue: 1)
  /// 6.
  public static let tcp = IPProtocol(rawValue: 6)
  /// 17.
  public static let udp = IPProtocol(rawValue: 17)
  /// 43: IPv6's routing header.
  public static let routing = IPProtocol(rawValue: 43)
  /// 44: IPv6's fragment header.
  public static let fragment = IPProtocol(rawValue: 44)
  /// 58.
  public static let icmpv6 = IPProtocol(rawValue: 58)
  /// 59: nothing follows.
  public static let noNextHeader = IPProtocol(rawValue: 59)
  /// 60: IPv6's destination options.
  public static let destinationOptions = IPProtocol(rawValue: 60)
}
