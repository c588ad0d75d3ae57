public import NetworkAddresses

/// An IPv4 packet or a fragment of one (RFC 791).
public struct IPv4Packet: Hashable, Sendable {
  /// The three bits before the fragment offset.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits, of which the low three count.
    public var rawValue: UInt8
    /// Takes any bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// More fragments of this packet follow.
    public static let moreFragments = Flags(rawValue: 1)
    /// Routers answer with an error instead of fragmenting.
    public static let doNotFragment = Flags(rawValue: 2)
  }

  /// The sender.
  public var source: IPAddress
  /// The receiver.
  public var destination: IPAddress
  /// DSCP in the upper six bits (RFC 2474), ECN in the lower two (RFC 3168).
  public var trafficClass: UInt8
  /// What fragments of one packet have in common.
  public var identification: UInt16
  /// The fragmentation flags.
  public var flags: Flags
  /// Where the payload belongs in the packet that was fragmented, in units of 8 octets, 0 to 8191.
  public var fragmentOffset: UInt16
  /// How many hops are left.
  public var timeToLive: UInt8
  /// The options.
  public var options: [HeaderOption]
  /// The header's own checksum.
  public var headerChecksum: Checksum
  /// What it carries.
  public var payload: IPPayload
  /// How many octets the total length announces that are not here; 0 in a whole packet.
  public var missing: Int

  /// Makes a packet; both addresses are IPv4.
  public init(
    from source: IPAddress, to destination: IPAddress, trafficClass: UInt8 = 0, identification: UInt16 = 0,
    flags: Flags = [], fragmentOffset: UInt16 = 0, timeToLive: UInt8 = 64, options: [HeaderOption] = [],
    headerChecksum: Checksum = .correct, _ payload: IPPayload, missing: Int = 0
  ) {
    self.source = source
    self.destination = destination
    self.trafficClass = trafficClass
    self.identification = identification
    self.flags = flags
    self.fragmentOffset = fragmentOffset
    self.timeToLive = timeToLive
    self.options = options
    self.headerChecksum = headerChecksum
    self.payload = payload
    self.missing = missing
  }

  /// The octets of a header without options.
  public static let headerLength = 20
}

extension IPv4Packet {
  /// Reads a packet, or as much of one as an ICMP error quotes.
  ///
  /// - Parameter octets: the packet from its version on; what is behind its total length is left out.
  /// - Throws: `ParseFailure` when the header cannot be read.
  public init(octets: some Collection<UInt8>) throws(ParseFailure) {
    self = try Self.parse(Array(octets)[...]).0
  }

  static func parse(_ octets: ArraySlice<UInt8>) throws(ParseFailure) -> (
    IPv4Packet, trailer: ArraySlice<UInt8>
  ) {
    var reader = OctetReader(octets, .ipv4)
    if let first = octets.first, first >> 4 != 4 {
      throw .unexpected(.ipv4, field: "version", value: Int(first >> 4))
    }
    try reader.require(Self.headerLength)
    let first = try reader.integer(UInt8.self)
    let headerLength = Int(first & 15) * 4
    guard headerLength >= Self.headerLength else {
      throw .unexpected(.ipv4, field: "header length", value: headerLength)
    }
    try reader.require(headerLength - 1)
    let trafficClass = try reader.integer(UInt8.self)
    let totalLength = Int(try reader.integer(UInt16.self))
    guard totalLength >= headerLength else {
      throw .unexpected(.ipv4, field: "total length", value: totalLength)
    }
    let identification = try reader.integer(UInt16.self)
    let fragmentation = try reader.integer(UInt16.self)
    let timeToLive = try reader.integer(UInt8.self)
    let number = IPProtocol(rawValue: try reader.integer())
    let checksum = try reader.integer(UInt16.self)
    let source = try reader.ipv4Address()
    let destination = try reader.ipv4Address()
    let options = HeaderOption.list(try reader.take(headerLength - Self.headerLength))

    let flags = Flags(rawValue: UInt8(fragmentation >> 13))
    let offset = fragmentation & 0x1fff
    let missing = max(0, totalLength - octets.count)
    let payload = octets.prefix(totalLength).dropFirst(headerLength)
    let packet = IPv4Packet(
      from: source, to: destination, trafficClass: trafficClass, identification: identification, flags: flags,
      fragmentOffset: offset, timeToLive: timeToLive, options: options,
      headerChecksum: Checksum(checksum, isWhole: true) {
        var sum = InternetChecksum()
        sum.add(octets.prefix(headerLength))
        return sum
      },
      offset > 0
        ? .fragment(number, Array(payload))
        : .parse(
          number, payload,
          TransportContext(
            pseudoHeader: PseudoHeader(source: source, destination: destination),
            isWhole: missing == 0 && !flags.contains(.moreFragments))), missing: missing)
    return (packet, octets.dropFirst(totalLength))
  }

  /// The packet on the wire.
  public func octets() throws(BuildError) -> [UInt8] {
    let options = try HeaderOption.octets(options, .ipv4)
    let payload = try payload.octets(PseudoHeader(source: source, destination: destination))
    let headerLength = Self.headerLength + options.count
    let total = try BuildError.length(
      headerLength + payload.count + max(0, missing), "total length", of: .ipv4)
    let offset = try BuildError.length(Int(fragmentOffset), "fragment offset", of: .ipv4, limit: 0x1fff)
    var header: [UInt8] = [0x40 | UInt8(headerLength / 4), trafficClass]
    header.append(bigEndian: UInt16(total))
    header.append(bigEndian: identification)
    header.append(bigEndian: UInt16(flags.rawValue & 7) << 13 | UInt16(offset))
    header += [timeToLive, self.payload.protocol.rawValue, 0, 0]
    try header.append(ipv4: source, .ipv4)
    try header.append(ipv4: destination, .ipv4)
    header += options
    header.set(
      headerChecksum.field {
        var sum = InternetChecksum()
        sum.add(header)
        return sum.value
      }, at: 10)
    return header + payload
  }
}
