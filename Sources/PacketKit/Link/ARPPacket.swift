public import NetworkAddresses

/// An ARP packet for IPv4 over Ethernet (RFC 826).
public struct ARPPacket: Hashable, Sendable {
  /// What a packet wants (RFC 826; RFC 5494 and IANA's registry for more).
  public struct Operation: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public var rawValue: UInt16
    /// Takes any number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// 1: who has the target address?
    public static let request = Operation(rawValue: 1)
    /// 2: the sender has the sender address.
    public static let reply = Operation(rawValue: 2)
  }

  /// What it wants.
  public var operation: Operation
  /// The sender's link-layer address.
  public var senderMAC: MACAddress
  /// The sender's IPv4 address.
  public var senderAddress: IPAddress
  /// The target's link-layer address; zero in a request.
  public var targetMAC: MACAddress
  /// The target's IPv4 address.
  public var targetAddress: IPAddress

  /// Makes a packet; both IP addresses are IPv4.
  public init(
    _ operation: Operation, senderMAC: MACAddress, senderAddress: IPAddress, targetMAC: MACAddress = .zero,
    targetAddress: IPAddress
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderAddress = senderAddress
    self.targetMAC = targetMAC
    self.targetAddress = targetAddress
  }

  /// The octets of a packet for IPv4 over Ethernet.
  public static let length = 28

  static func parse(_ octets: ArraySlice<UInt8>) throws(ParseFailure) -> (
    ARPPacket, trailer: ArraySlice<UInt8>
  ) {
    var reader = OctetReader(octets, .arp)
    try reader.require(8)
    try expect("hardware type", try reader.integer(UInt16.self), 1)
    try expect("protocol type", try reader.integer(UInt16.self), EtherType.ipv4.rawValue)
    try expect("hardware address length", try reader.integer(UInt8.self), 6)
    try expect("protocol address length", try reader.integer(UInt8.self), 4)
    try reader.require(Self.length - 6)
    let packet = ARPPacket(
      Operation(rawValue: try reader.integer()), senderMAC: try reader.macAddress(),
      senderAddress: try reader.ipv4Address(), targetMAC: try reader.macAddress(),
      targetAddress: try reader.ipv4Address())
    return (packet, reader.rest)
  }

  private static func expect<Value: FixedWidthInteger>(_ field: String, _ value: Value, _ only: Value)
    throws(ParseFailure)
  {
    guard value == only else { throw .unexpected(.arp, field: field, value: Int(value)) }
  }

  func octets() throws(BuildError) -> [UInt8] {
    var octets: [UInt8] = [0, 1]
    octets.append(bigEndian: EtherType.ipv4.rawValue)
    octets += [6, 4]
    octets.append(bigEndian: operation.rawValue)
    octets += senderMAC.octets
    try octets.append(ipv4: senderAddress, .arp)
    octets += targetMAC.octets
    try octets.append(ipv4: targetAddress, .arp)
    return octets
  }
}
