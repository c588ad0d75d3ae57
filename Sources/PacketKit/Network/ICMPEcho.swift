/// An echo request or reply of ICMP (RFC 792) or ICMPv6 (RFC 4443, 4), behind the checksum.
public struct ICMPEcho: Hashable, Sendable {
  /// What requests of one sender have in common.
  public var identifier: UInt16
  /// The request's number.
  public var sequence: UInt16
  /// What a reply repeats.
  public var payload: [UInt8]

  /// Makes a request or reply.
  public init(identifier: UInt16, sequence: UInt16, payload: [UInt8] = []) {
    self.identifier = identifier
    self.sequence = sequence
    self.payload = payload
  }

  init(_ reader: inout OctetReader) throws(ParseFailure) {
    try reader.require(4)
    self.init(identifier: try reader.integer(), sequence: try reader.integer())
    payload = Array(reader.rest)
  }

  var octets: [UInt8] {
    var octets: [UInt8] = []
    octets.append(bigEndian: identifier)
    octets.append(bigEndian: sequence)
    return octets + payload
  }
}
