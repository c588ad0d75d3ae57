public import NetworkAddresses

/// A message of Neighbor Discovery, behind the ICMPv6 checksum (RFC 4861, 4).
public enum NeighborDiscovery: Hashable, Sendable {
  /// Type 133: which routers are there? `reserved` is 0 from today's senders.
  case routerSolicitation(reserved: UInt32 = 0, options: [NeighborDiscoveryOption] = [])
  /// Type 134.
  case routerAdvertisement(RouterAdvertisement)
  /// Type 135: who has the target address? `reserved` is 0 from today's senders.
  case neighborSolicitation(target: IPAddress, reserved: UInt32 = 0, options: [NeighborDiscoveryOption] = [])
  /// Type 136: the target address is here.
  case neighborAdvertisement(
    target: IPAddress, flags: AdvertisementFlags, options: [NeighborDiscoveryOption] = [])

  /// The flags of a neighbor advertisement (RFC 4861, 4.4).
  public struct AdvertisementFlags: OptionSet, Hashable, Sendable {
    /// The 32 bits before the target.
    public var rawValue: UInt32
    /// Takes any bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The sender is a router.
    public static let router = AdvertisementFlags(rawValue: 1 << 31)
    /// It answers a solicitation.
    public static let solicited = AdvertisementFlags(rawValue: 1 << 30)
    /// It replaces what the receiver knows.
    public static let override = AdvertisementFlags(rawValue: 1 << 29)
  }
}

extension NeighborDiscovery {
  /// The ICMPv6 type.
  public var type: UInt8 {
    switch self {
    case .routerSolicitation: 133
    case .routerAdvertisement: 134
    case .neighborSolicitation: 135
    case .neighborAdvertisement: 136
    }
  }

  /// The options of any of the four.
  public var options: [NeighborDiscoveryOption] {
    switch self {
    case .routerSolicitation(_, let options), .neighborSolicitation(_, _, let options),
      .neighborAdvertisement(_, _, let options):
      options
    case .routerAdvertisement(let advertisement): advertisement.options
    }
  }

  init(type: UInt8, _ octets: ArraySlice<UInt8>) throws(ParseFailure) {
    var reader = OctetReader(octets, .neighborDiscovery)
    switch type {
    case 133:
      self = .routerSolicitation(
        reserved: try reader.integer(), options: try NeighborDiscoveryOption.list(&reader))
    case 134: self = .routerAdvertisement(try RouterAdvertisement(&reader))
    case 135:
      try reader.require(20)
      let reserved = try reader.integer(UInt32.self)
      self = .neighborSolicitation(
        target: try reader.ipv6Address(), reserved: reserved,
        options: try NeighborDiscoveryOption.list(&reader))
    case 136:
      try reader.require(20)
      let flags = AdvertisementFlags(rawValue: try reader.integer())
      self = .neighborAdvertisement(
        target: try reader.ipv6Address(), flags: flags, options: try NeighborDiscoveryOption.list(&reader))
    default: throw .unexpected(.neighborDiscovery, field: "type", value: Int(type))
    }
  }

  func octets() throws(BuildError) -> [UInt8] {
    var octets: [UInt8] = []
    switch self {
    case .routerSolicitation(let reserved, _): octets.append(bigEndian: reserved)
    case .routerAdvertisement(let advertisement): octets += advertisement.fields
    case .neighborSolicitation(let target, let reserved, _):
      octets.append(bigEndian: reserved)
      try octets.append(ipv6: target, .neighborDiscovery)
    case .neighborAdvertisement(let target, let flags, _):
      octets.append(bigEndian: flags.rawValue)
      try octets.append(ipv6: target, .neighborDiscovery)
    }
    for option in options { octets += try option.octets() }
    return octets
  }
}
