public import NetworkAddresses

/// An IPv6 address that an interface has and may not use (RFC 4862, 5.4).
public struct UnusableAddress: Hashable, Codable, Sendable {
  /// Whose it is.
  public var interface: InterfaceID
  /// The address.
  public var address: IPAddress
  /// Whether somebody else was found to have it; else it is still being tried.
  public var isDuplicate: Bool

  /// Describes an address.
  public init(interface: InterfaceID, address: IPAddress, isDuplicate: Bool) {
    self.interface = interface
    self.address = address
    self.isDuplicate = isDuplicate
  }
}
