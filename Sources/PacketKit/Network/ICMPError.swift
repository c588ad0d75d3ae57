/// An error message of ICMP (RFC 792) or ICMPv6 (RFC 4443, 3), behind the checksum.
public struct ICMPError: Hashable, Sendable {
  /// The four octets before the quoted packet, whose meaning depends on the type: a gateway, an MTU, a pointer.
  public var parameter: UInt32
  /// The beginning of the packet that caused it; `IPv4Packet(octets:)` and `IPv6Packet(octets:)` read it.
  public var original: [UInt8]

  /// Makes an error.
  public init(parameter: UInt32 = 0, original: [UInt8]) {
    self.parameter = parameter
    self.original = original
  }

  init(_ reader: inout OctetReader) throws(ParseFailure) {
    self.init(parameter: try reader.integer(), original: [])
    original = Array(reader.rest)
  }

  var octets: [UInt8] {
    var octets: [UInt8] = []
    octets.append(bigEndian: parameter)
    return octets + original
  }
}
