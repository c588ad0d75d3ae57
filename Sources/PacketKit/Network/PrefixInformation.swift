public import NetworkAddresses

/// The prefix information option (RFC 4861, 4.6.2).
public struct PrefixInformation: Hashable, Sendable {
  /// The flags; those that are not named here are kept as they came.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The octet on the wire.
    public var rawValue: UInt8
    /// Takes any bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Addresses of this prefix are on the link.
    public static let onLink = Flags(rawValue: 0x80)
    /// Hosts may make addresses of it (RFC 4862).
    public static let autonomous = Flags(rawValue: 0x40)
  }

  /// The prefix: IPv6.
  public var prefix: IPPrefix
  /// The flags.
  public var flags: Flags
  /// How long the prefix is valid, in seconds; all ones: for ever.
  public var validLifetime: UInt32
  /// How long addresses made of it are preferred, in seconds; all ones: for ever.
  public var preferredLifetime: UInt32

  /// Makes an option; `nil` for an IPv4 prefix.
  public init?(_ prefix: IPPrefix, flags: Flags, validLifetime: UInt32, preferredLifetime: UInt32) {
    guard !prefix.address.isIPv4 else { return nil }
    self.prefix = prefix
    self.flags = flags
    self.validLifetime = validLifetime
    self.preferredLifetime = preferredLifetime
  }

  /// Reads what follows the option's length; `nil` for another length, or a prefix of more than 128 bits.
  init?(_ data: ArraySlice<UInt8>) {
    var reader = OctetReader(data, .neighborDiscovery)
    guard data.count == 30, let length = try? reader.integer(UInt8.self),
      let flags = try? reader.integer(UInt8.self), let valid = try? reader.integer(UInt32.self),
      let preferred = try? reader.integer(UInt32.self), (try? reader.take(4)) != nil,
      let address = try? reader.ipv6Address(), let prefix = IPPrefix(address, length: Int(length))
    else { return nil }
    self.init(prefix, flags: Flags(rawValue: flags), validLifetime: valid, preferredLifetime: preferred)
  }

  /// What follows the option's length.
  var octets: [UInt8] {
    var octets = [UInt8(prefix.length), flags.rawValue]
    octets.append(bigEndian: validLifetime)
    octets.append(bigEndian: preferredLifetime)
    octets.append(bigEndian: UInt32(0))
    return octets + prefix.address.octets
  }
}
