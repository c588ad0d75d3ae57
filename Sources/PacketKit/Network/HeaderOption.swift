/// An option of an IPv4 or TCP header: both have the same shape (RFC 791, 3.1; RFC 9293, 3.1).
public enum HeaderOption: Hashable, Sendable {
  /// 0: what follows is padding.
  case endOfList
  /// 1: fills up to a boundary.
  case noOperation
  /// An option with a kind (2 and up) and data; its length on the wire is two more than the data's.
  case option(kind: UInt8, data: [UInt8])
  /// Octets that are no options: the padding behind an end of list, or from a length that lies on.
  case rest([UInt8])
}

extension HeaderOption {
  /// Reads the options of a header.
  static func list(_ octets: ArraySlice<UInt8>) -> [HeaderOption] {
    var options: [HeaderOption] = []
    var rest = octets
    while let kind = rest.first {
      let length = kind < 2 ? 1 : Int(rest.dropFirst().first ?? 0)
      guard length <= rest.count, kind < 2 || length >= 2 else { break }
      switch kind {
      case 0: options.append(.endOfList)
      case 1: options.append(.noOperation)
      default: options.append(.option(kind: kind, data: Array(rest.prefix(length).dropFirst(2))))
      }
      rest = rest.dropFirst(length)
      if kind == 0 { break }
    }
    if !rest.isEmpty { options.append(.rest(Array(rest))) }
    return options
  }

  /// The options on the wire, filled up with zeros to a multiple of four octets; a header has room for 40.
  static func octets(_ options: [HeaderOption], _ layer: Layer) throws(BuildError) -> [UInt8] {
    var octets: [UInt8] = []
    for option in options {
      switch option {
      case .endOfList: octets.append(0)
      case .noOperation: octets.append(1)
      case .option(let kind, let data):
        octets += [kind, UInt8(try BuildError.length(data.count + 2, "option", of: layer, limit: 40))] + data
      case .rest(let rest): octets += rest
      }
    }
    octets.pad(to: 4)
    _ = try BuildError.length(octets.count, "list of options", of: layer, limit: 40)
    return octets
  }
}
