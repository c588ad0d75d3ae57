/// A router advertisement (RFC 4861, 4.2).
public struct RouterAdvertisement: Hashable, Sendable {
  /// The flags; those that are not named here are kept as they came.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The octet on the wire.
    public var rawValue: UInt8
    /// Takes any bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Addresses come from DHCPv6.
    public static let managed = Flags(rawValue: 0x80)
    /// Other configuration comes from DHCPv6.
    public static let other = Flags(rawValue: 0x40)
  }

  /// The hop limit that hosts shall use; 0: not said.
  public var hopLimit: UInt8
  /// The flags.
  public var flags: Flags
  /// How long the sender is a default router, in seconds; 0: it is none.
  public var routerLifetime: UInt16
  /// How long a neighbor counts as reachable, in milliseconds; 0: not said.
  public var reachableTime: UInt32
  /// The time between solicitations, in milliseconds; 0: not said.
  public var retransmissionTimer: UInt32
  /// The options.
  public var options: [NeighborDiscoveryOption]

  /// Makes an advertisement.
  public init(
    hopLimit: UInt8 = 64, flags: Flags = [], routerLifetime: UInt16, reachableTime: UInt32 = 0,
    retransmissionTimer: UInt32 = 0, options: [NeighborDiscoveryOption] = []
  ) {
    self.hopLimit = hopLimit
    self.flags = flags
    self.routerLifetime = routerLifetime
    self.reachableTime = reachableTime
    self.retransmissionTimer = retransmissionTimer
    self.options = options
  }

  init(_ reader: inout OctetReader) throws(ParseFailure) {
    try reader.require(12)
    self.init(
      hopLimit: try reader.integer(), flags: Flags(rawValue: try reader.integer()),
      routerLifetime: try reader.integer(), reachableTime: try reader.integer(),
      retransmissionTimer: try reader.integer())
    options = try NeighborDiscoveryOption.list(&reader)
  }

  /// The octets between the ICMPv6 checksum and the options.
  var fields: [UInt8] {
    var octets = [hopLimit, flags.rawValue]
    octets.append(bigEndian: routerLifetime)
    octets.append(bigEndian: reachableTime)
    octets.append(bigEndian: retransmissionTimer)
    return octets
  }
}
