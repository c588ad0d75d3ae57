/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address; the first octet on the wire is the most significant.
  case v4(UInt32)
  /// An IPv6 address in two halves; the first octet on the wire is the most significant of `high`.
  case v6(high: UInt64, low: UInt64)

  /// Makes an address from 4 or 16 octets in wire order; `nil` for any other count.
  public init?(octets: some Collection<UInt8>) {
    switch octets.count {
    case 4: self = .v4(octets.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      self = .v6(
        high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
        low: octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
    default: return nil
    }
  }

  /// The octets in wire order: 4 or 16.
  public var octets: [UInt8] {
    switch self {
    case .v4(let value): (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
    case .v6(let high, let low):
      [high, low].flatMap { half in
        (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
      }
    }
  }

  /// Whether this is an IPv4 address.
  public var isIPv4: Bool { if case .v4 = self { true } else { false } }
  /// The number of bits: 32 or 128.
  public var bitWidth: Int { isIPv4 ? 32 : 128 }
  /// Whether every bit is zero.
  public var isUnspecified: Bool { self == .v4(0) || self == .v6(high: 0, low: 0) }

  /// Whether this is a multicast group (224.0.0.0/4, ff00::/8).
  public var isMulticast: Bool {
    switch self {
    case .v4(let value): value >> 28 == 0xe
    case .v6(let high, _): high >> 56 == 0xff
    }
  }

  /// Whether this is link-local (169.254.0.0/16, RFC 3927; fe80::/10, RFC 4291).
  public var isLinkLocal: Bool {
    switch self {
    case .v4(let value): value >> 16 == 0xa9fe
    case .v6(let high, _): high >> 54 == 0x3fa
    }
  }

  /// Whether this is the loopback (127.0.0.0/8, ::1).
  public var isLoopback: Bool {
    switch self {
    case .v4(let value): value >> 24 == 127
    case .v6(let high, let low): high == 0 && low == 1
    }
  }
}

extension IPAddress: Comparable {
  /// Orders IPv4 before IPv6, then as numbers.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.v4(let first), .v4(let second)): first < second
    case (.v6(let high1, let low1), .v6(let high2, let low2)): (high1, low1) < (high2, low2)
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or the canonical text of RFC 5952.
  public var description: String {
    switch self {
    case .v4: octets.map { String($0) }.joined(separator: ".")
    case .v6(let high, let low): Self.canonicalText(groups: Self.groups(high) + Self.groups(low))
    }
  }

  private static func groups(_ half: UInt64) -> [UInt16] {
    (0..<4).map { UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64($0))) }
  }

  /// RFC 5952, 4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
  private static func canonicalText(groups: [UInt16]) -> String {
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    let text = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
    if best.isEmpty { return text(groups[...]) }
    return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }
}

extension IPAddress {
  /// Reads dotted decimal (four numbers, no leading zeros) or IPv6 text (RFC 4291, 2.2).
  ///
  /// `nil` for anything else, a zone identifier (`%eth0`) included.
  public init?(_ text: some StringProtocol) {
    if text.contains(":") {
      guard let groups = Self.parseGroups(String(text)) else { return nil }
      self.init(octets: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
    } else {
      guard let octets = Self.parseDotted(String(text)) else { return nil }
      self.init(octets: octets)
    }
  }

  private static func parseDotted(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var octets: [UInt8] = []
    for part in parts {
      guard !part.isEmpty, part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.count == 1 || part.first != "0",
        let octet = UInt8(part)
      else { return nil }
      octets.append(octet)
    }
    return octets
  }

  private static func parseGroups(_ text: String) -> [UInt16]? {
    let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var parsed: [[UInt16]] = []
    for (index, half) in halves.enumerated() {
      guard let groups = parseHalf(half, mayEndDotted: index == halves.count - 1) else { return nil }
      parsed.append(groups)
    }
    if parsed.count == 1 { return parsed[0].count == 8 ? parsed[0] : nil }
    let missing = 8 - parsed[0].count - parsed[1].count
    guard missing >= 1 else { return nil }
    return parsed[0] + Array(repeating: 0, count: missing) + parsed[1]
  }

  private static func parseHalf(_ half: Substring, mayEndDotted: Bool) -> [UInt16]? {
    if half.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = half.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.contains("."), mayEndDotted, index == parts.count - 1 {
        guard let octets = parseDotted(String(part)) else { return nil }
        groups += [UInt16(octets[0]) << 8 | UInt16(octets[1]), UInt16(octets[2]) << 8 | UInt16(octets[3])]
      } else {
        guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }
}

extension IPAddress: Codable {
  /// Reads the textual form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = IPAddress(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an IP address: \(text)")
    }
    self = address
  }

  /// Writes the textual form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
