public import NetworkAddresses

/// An IPv6 packet or a fragment of one (RFC 8200).
public struct IPv6Packet: Hashable, Sendable {
  /// The sender.
  public var source: IPAddress
  /// The receiver, or the next one where a routing header has more.
  public var destination: IPAddress
  /// DSCP in the upper six bits (RFC 2474), ECN in the lower two (RFC 3168).
  public var trafficClass: UInt8
  /// The flow label, 20 bits (RFC 6437).
  public var flowLabel: UInt32
  /// How many hops are left.
  public var hopLimit: UInt8
  /// The extension headers in their order.
  public var extensions: [IPv6Extension]
  /// What it carries.
  public var payload: IPPayload
  /// How many octets the payload length announces that are not here; 0 in a whole packet.
  public var missing: Int

  /// Makes a packet; both addresses are IPv6, and of `flowLabel` the low 20 bits count.
  public init(
    from source: IPAddress, to destination: IPAddress, trafficClass: UInt8 = 0, flowLabel: UInt32 = 0,
    hopLimit: UInt8 = 64, extensions: [IPv6Extension] = [], _ payload: IPPayload, missing: Int = 0
  ) {
    self.source = source
    self.destination = destination
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.hopLimit = hopLimit
    self.extensions = extensions
    self.payload = payload
    self.missing = missing
  }

  /// The octets of the header, without extension headers.
  public static let headerLength = 40
}

extension IPv6Packet {
  /// Reads a packet, or as much of one as an ICMPv6 error quotes.
  ///
  /// - Parameter octets: the packet from its version on; what is behind its payload length is left out.
  /// - Throws: `ParseFailure` when the header cannot be read.
  public init(octets: some Collection<UInt8>) throws(ParseFailure) {
    self = try Self.parse(Array(octets)[...]).0
  }

  static func parse(_ octets: ArraySlice<UInt8>) throws(ParseFailure) -> (
    IPv6Packet, trailer: ArraySlice<UInt8>
  ) {
    var reader = OctetReader(octets, .ipv6)
    if let first = octets.first, first >> 4 != 6 {
      throw .unexpected(.ipv6, field: "version", value: Int(first >> 4))
    }
    try reader.require(Self.headerLength)
    let first = try reader.integer(UInt32.self)
    let length = Int(try reader.integer(UInt16.self))
    let next = IPProtocol(rawValue: try reader.integer())
    let hopLimit = try reader.integer(UInt8.self)
    let source = try reader.ipv6Address()
    let destination = try reader.ipv6Address()
    let missing = max(0, length - reader.rest.count)
    var chain = IPv6ExtensionChain()
    let payload = chain.parse(
      next, reader.rest.prefix(length), source: source, destination: destination, isWhole: missing == 0)
    let packet = IPv6Packet(
      from: source, to: destination, trafficClass: UInt8(truncatingIfNeeded: first >> 20),
      flowLabel: first & 0xfffff, hopLimit: hopLimit, extensions: chain.headers, payload, missing: missing)
    return (packet, reader.rest.dropFirst(length))
  }

  /// The packet on the wire.
  public func octets() throws(BuildError) -> [UInt8] {
    let last = extensions.lazy.compactMap(\.finalDestination).first ?? destination
    var behind = try payload.octets(PseudoHeader(source: source, destination: last))
    var next = payload.protocol
    for header in extensions.reversed() {
      behind = try header.octets(next: next) + behind
      next = header.protocol
    }
    let length = try BuildError.length(behind.count + max(0, missing), "payload length", of: .ipv6)
    var octets: [UInt8] = []
    octets.append(bigEndian: 6 << 28 | UInt32(trafficClass) << 20 | flowLabel & 0xfffff)
    octets.append(bigEndian: UInt16(length))
    octets += [next.rawValue, hopLimit]
    try octets.append(ipv6: source, .ipv6)
    try octets.append(ipv6: destination, .ipv6)
    return octets + behind
  }
}
