/// An IP address with a prefix length, as in `172.22.16.2/24`.
///
/// The host bits are kept, so the same type says an interface's address and a route's destination.
public struct IPPrefix: Hashable, Sendable {
  /// The address, host bits included.
  public let address: IPAddress
  /// The number of leading bits that name the network: 0 to 32 or 0 to 128.
  public let length: Int

  /// Makes a prefix; `nil` if `length` does not fit the address family.
  public init?(_ address: IPAddress, length: Int) {
    guard (0...address.bitWidth).contains(length) else { return nil }
    self.address = address
    self.length = length
  }

  /// Makes the prefix that covers just `address`: /32 or /128.
  public init(host address: IPAddress) {
    self.address = address
    length = address.bitWidth
  }

  /// Reads `ADDRESS/LENGTH`, where a missing length means a host prefix; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(first) else { return nil }
    guard parts.count == 2 else {
      self.init(host: address)
      return
    }
    guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(parts[1]) else { return nil }
    self.init(address, length: length)
  }

  /// The address with its host bits cleared.
  public var network: IPAddress { Self.mask(address, length) }

  /// Whether `other` lies in this network; `false` across address families.
  public func contains(_ other: IPAddress) -> Bool {
    other.isIPv4 == address.isIPv4 && Self.mask(other, length) == network
  }

  private static func mask(_ address: IPAddress, _ length: Int) -> IPAddress {
    switch address {
    case .v4(let value): .v4(length == 0 ? 0 : value & (~0 << UInt32(32 - length)))
    case .v6(let high, let low):
      .v6(
        high: length == 0 ? 0 : high & (~0 << UInt64(max(64 - length, 0))),
        low: length <= 64 ? 0 : low & (~0 << UInt64(128 - length)))
    }
  }
}

extension IPPrefix: CustomStringConvertible {
  /// `ADDRESS/LENGTH`.
  public var description: String { "\(address)/\(length)" }
}

extension IPPrefix: Codable {
  /// Reads the textual form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let prefix = IPPrefix(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an IP prefix: \(text)")
    }
    self = prefix
  }

  /// Writes the textual form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
