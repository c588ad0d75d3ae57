import NetworkAddresses

/// Walks from one extension header to the next until the payload.
struct IPv6ExtensionChain {
  /// The headers that were read.
  private(set) var headers: [IPv6Extension] = []

  /// Reads the headers, then the payload; every header has octets, so the walk ends.
  mutating func parse(
    _ first: IPProtocol, _ octets: ArraySlice<UInt8>, source: IPAddress, destination: IPAddress, isWhole: Bool
  ) -> IPPayload {
    var next = first
    var rest = octets
    do throws(ParseFailure) {
      while let (header, following, behind) = try Self.header(next, rest) {
        headers.append(header)
        next = following
        rest = behind
        if case .fragment(let fragment) = header, fragment.offset > 0 { return .fragment(next, Array(rest)) }
      }
    } catch {
      return .unreadable(error, next, octets: Array(rest))
    }
    let isFragment = headers.contains { if case .fragment(let header) = $0 { header.hasMore } else { false } }
    let isRouted = headers.contains {
      if case .routing(let header) = $0 { header.segmentsLeft > 0 } else { false }
    }
    let last = headers.lazy.compactMap(\.finalDestination).first
    let isKnown = last != nil || !isRouted
    return .parse(
      next, rest,
      TransportContext(
        pseudoHeader: isKnown ? PseudoHeader(source: source, destination: last ?? destination) : nil,
        isWhole: isWhole && !isFragment))
  }

  /// The header of that number, what follows it, and the octets behind; `nil` when the number is no header's.
  private static func header(_ number: IPProtocol, _ octets: ArraySlice<UInt8>) throws(ParseFailure) -> (
    IPv6Extension, next: IPProtocol, rest: ArraySlice<UInt8>
  )? {
    guard [.hopByHop, .destinationOptions, .routing, .fragment].contains(number) else { return nil }
    var reader = OctetReader(octets, .ipv6Extension)
    try reader.require(8)
    let next = IPProtocol(rawValue: try reader.integer())
    if number == .fragment {
      let header = IPv6FragmentHeader(
        body: try reader.integer(UInt8.self), try reader.integer(), try reader.integer())
      return (.fragment(header), next, reader.rest)
    }
    let units = try reader.integer(UInt8.self)
    let body = try reader.take(6 + 8 * Int(units))
    let header: IPv6Extension =
      switch number {
      case .hopByHop: .hopByHop(try IPv6Option.list(body))
      case .destinationOptions: .destinationOptions(try IPv6Option.list(body))
      default: .routing(try IPv6RoutingHeader(body: body))
      }
    return (header, next, reader.rest)
  }
}
