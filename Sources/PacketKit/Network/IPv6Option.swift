/// An option of a hop-by-hop or destination options header (RFC 8200, 4.2).
public enum IPv6Option: Hashable, Sendable {
  /// One octet of padding.
  case pad1
  /// Padding of two octets and more: the count of octets between its length and its end.
  case padN(UInt8)
  /// An option with a type and data.
  case option(type: UInt8, data: [UInt8])
}

extension IPv6Option {
  static func list(_ octets: ArraySlice<UInt8>) throws(ParseFailure) -> [IPv6Option] {
    var options: [IPv6Option] = []
    var reader = OctetReader(octets, .ipv6Extension)
    while !reader.rest.isEmpty {
      let type = try reader.integer(UInt8.self)
      if type == 0 {
        options.append(.pad1)
        continue
      }
      let length = try reader.integer(UInt8.self)
      let data = try reader.take(Int(length))
      let isPadding = type == 1 && data.allSatisfy { $0 == 0 }
      options.append(isPadding ? .padN(length) : .option(type: type, data: Array(data)))
    }
    return options
  }

  /// The options on the wire, filled up to the header's end: six octets, or eight more and so on.
  static func octets(_ options: [IPv6Option]) throws(BuildError) -> [UInt8] {
    var octets: [UInt8] = []
    for option in options {
      switch option {
      case .pad1: octets.append(0)
      case .padN(let length): octets += [1, length] + Array(repeating: 0, count: Int(length))
      case .option(let type, let data):
        let length = try BuildError.length(data.count, "option", of: .ipv6Extension, limit: 255)
        octets += [type, UInt8(length)] + data
      }
    }
    switch (14 - octets.count % 8) % 8 {
    case 0: break
    case 1: octets.append(0)
    case let missing: octets += [1, UInt8(missing - 2)] + Array(repeating: 0, count: missing - 2)
    }
    return octets
  }
}
