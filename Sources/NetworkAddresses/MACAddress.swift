/// A 48-bit Ethernet address (IEEE 802, EUI-48).
public struct MACAddress: Hashable, Comparable, Sendable {
  /// The address as a number: the first octet on the wire is the most significant of the low 48 bits.
  public let rawValue: UInt64

  /// Makes an address from the low 48 bits of `rawValue`; the high 16 are ignored.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// Makes an address from its six octets in wire order; `nil` for any other count.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count == 6 else { return nil }
    self.init(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Makes an address from an imported C array of six octets in wire order.
  public init(_ octets: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)) {
    let high = UInt64(octets.0) << 40 | UInt64(octets.1) << 32 | UInt64(octets.2) << 24
    let low = UInt64(octets.3) << 16 | UInt64(octets.4) << 8 | UInt64(octets.5)
    self.init(rawValue: high | low)
  }

  /// Reads six groups of two hexadecimal digits, separated by `:` or `-`; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let groups = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    guard groups.count == 6 else { return nil }
    var value: UInt64 = 0
    for group in groups {
      guard group.utf8.count == 2, group.allSatisfy(\.isHexDigit), let octet = UInt64(group, radix: 16)
      else { return nil }
      value = value << 8 | octet
    }
    self.init(rawValue: value)
  }

  /// ff:ff:ff:ff:ff:ff.
  public static let broadcast = MACAddress(rawValue: 0xffff_ffff_ffff)
  /// 00:00:00:00:00:00, "no address".
  public static let zero = MACAddress(rawValue: 0)

  /// The six octets in wire order.
  public var octets: [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (40 - 8 * UInt64($0))) }
  }

  /// Whether the group bit is set: multicast, and broadcast too.
  public var isMulticast: Bool { rawValue >> 40 & 1 == 1 }
  /// Whether this is ff:ff:ff:ff:ff:ff.
  public var isBroadcast: Bool { self == .broadcast }
  /// Whether the address was not assigned by a manufacturer (the U/L bit).
  public var isLocallyAdministered: Bool { rawValue >> 41 & 1 == 1 }

  /// Orders addresses as their octets on the wire.
  public static func < (left: MACAddress, right: MACAddress) -> Bool { left.rawValue < right.rawValue }
}

extension MACAddress: CustomStringConvertible {
  /// Six groups of two lower-case hexadecimal digits, separated by colons.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 17) { buffer in
      for (index, octet) in octets.enumerated() {
        if index > 0 { buffer[index * 3 - 1] = UInt8(ascii: ":") }
        buffer[index * 3] = digits[Int(octet >> 4)]
        buffer[index * 3 + 1] = digits[Int(octet & 15)]
      }
      return 17
    }
  }
}

extension MACAddress: Codable {
  /// Reads the textual form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = MACAddress(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a MAC address: \(text)")
    }
    self = address
  }

  /// Writes the textual form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
