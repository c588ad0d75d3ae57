import NetworkAddresses

/// The routing header (RFC 8200, 4.4).
public struct IPv6RoutingHeader: Hashable, Sendable {
  /// The routing type: 0 (RFC 5095: deprecated), 2 (RFC 6275), 4 (segment routing, RFC 8754) and others.
  public var type: UInt8
  /// How many nodes are still to be visited.
  public var segmentsLeft: UInt8
  /// The data of that type: 4 octets, and more in units of 8; shorter data is filled up with zeros.
  public var data: [UInt8]

  /// Makes a header.
  public init(type: UInt8, segmentsLeft: UInt8, data: [UInt8]) {
    self.type = type
    self.segmentsLeft = segmentsLeft
    self.data = data
  }

  /// Reads what follows the header's length.
  init(body: ArraySlice<UInt8>) throws(ParseFailure) {
    var reader = OctetReader(body, .ipv6Extension)
    self.init(
      type: try reader.integer(), segmentsLeft: try reader.integer(), data: [])
    data = Array(reader.rest)
  }

  /// What follows the header's length.
  var body: [UInt8] { [type, segmentsLeft] + data }

  /// Where the packet ends, which is what checksums cover (RFC 8200, 8.1): the last address of the types 0 and
  /// 2, and the first of the segment list, which is in reverse; `nil` when it is there, or for other types.
  var finalDestination: IPAddress? {
    let addresses = data.dropFirst(4)
    guard segmentsLeft > 0 else { return nil }
    switch type {
    case 0, 2: return addresses.count % 16 == 0 ? IPAddress(octets: addresses.suffix(16)) : nil
    case 4: return IPAddress(octets: addresses.prefix(16))
    default: return nil
    }
  }
}

extension IPv6Extension {
  /// Where a routing header says that the packet ends; `nil` for others.
  var finalDestination: IPAddress? {
    if case .routing(let header) = self { header.finalDestination } else { nil }
  }
}
