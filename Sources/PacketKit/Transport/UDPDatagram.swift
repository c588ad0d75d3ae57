/// A UDP datagram (RFC 768).
public struct UDPDatagram: Hashable, Sendable {
  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The checksum over the datagram and the addresses; may be `absent`.
  public var checksum: Checksum
  /// What it carries.
  public var payload: [UInt8]
  /// The octets of the IP packet behind the datagram's length (RFC 9868: the surplus area).
  public var surplus: [UInt8]
  /// How many octets the length field announces that are not here; 0 in a whole datagram.
  public var missing: Int

  /// Makes a datagram.
  public init(
    from sourcePort: UInt16, to destinationPort: UInt16, checksum: Checksum = .correct, _ payload: [UInt8],
    surplus: [UInt8] = [], missing: Int = 0
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.checksum = checksum
    self.payload = payload
    self.surplus = surplus
    self.missing = missing
  }

  /// The octets of the header.
  public static let headerLength = 8
}

extension UDPDatagram {
  init(_ octets: ArraySlice<UInt8>, _ context: TransportContext) throws(ParseFailure) {
    var reader = OctetReader(octets, .udp)
    try reader.require(Self.headerLength)
    let ports = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
    let length = Int(try reader.integer(UInt16.self))
    let field = try reader.integer(UInt16.self)
    guard length >= Self.headerLength else { throw .unexpected(.udp, field: "length", value: length) }
    let missing = max(0, length - octets.count)
    // A datagram's own length says how far the checksum goes: what is behind may be cut off.
    let whole = TransportContext(
      pseudoHeader: context.pseudoHeader, isWhole: missing == 0 && context.isWhole)
    self.init(
      from: ports.0, to: ports.1,
      checksum: field == 0 ? .absent : whole.judge(field, .udp, octets.prefix(length)),
      Array(octets.prefix(length).dropFirst(Self.headerLength)), surplus: Array(octets.dropFirst(length)),
      missing: missing)
  }

  func octets(_ header: PseudoHeader) throws(BuildError) -> [UInt8] {
    let length = try BuildError.length(
      Self.headerLength + payload.count + max(0, missing), "length", of: .udp)
    var octets: [UInt8] = []
    octets.append(bigEndian: sourcePort)
    octets.append(bigEndian: destinationPort)
    octets.append(bigEndian: UInt16(length))
    octets += [0, 0] + payload
    octets.set(
      checksum.field {
        // 0 would say that there is none; its other form in ones' complement says the same number (RFC 768).
        let sum = header.checksum(.udp, over: octets)
        return sum == 0 ? 0xffff : sum
      }, at: 6)
    return octets + surplus
  }
}
