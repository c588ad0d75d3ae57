/// An extension header (RFC 8200, 4).
public enum IPv6Extension: Hashable, Sendable {
  /// Options for every hop.
  case hopByHop([IPv6Option])
  /// Options for the destination.
  case destinationOptions([IPv6Option])
  /// More destinations.
  case routing(IPv6RoutingHeader)
  /// This is a fragment.
  case fragment(IPv6FragmentHeader)
}

extension IPv6Extension {
  /// The number that says in the header before that this one follows.
  public var `protocol`: IPProtocol {
    switch self {
    case .hopByHop: .hopByHop
    case .destinationOptions: .destinationOptions
    case .routing: .routing
    case .fragment: .fragment
    }
  }

  /// The header on the wire, with the number of what follows; options are filled up with a PadN or Pad1.
  func octets(next: IPProtocol) throws(BuildError) -> [UInt8] {
    switch self {
    case .hopByHop(let options), .destinationOptions(let options):
      try Self.header(next, try IPv6Option.octets(options))
    case .routing(let header): try Self.header(next, header.body)
    case .fragment(let header): [next.rawValue] + (try header.body())
    }
  }

  /// A header with a length in units of 8 octets, of which the first does not count.
  private static func header(_ next: IPProtocol, _ body: [UInt8]) throws(BuildError) -> [UInt8] {
    var octets = body
    octets.append(contentsOf: repeatElement(0, count: (6 - body.count % 8 + 8) % 8))
    let units = try BuildError.length((octets.count + 2) / 8 - 1, "length", of: .ipv6Extension, limit: 255)
    return [next.rawValue, UInt8(units)] + octets
  }
}
