public import NetworkAddresses

/// A group whose frames an interface takes (/proc/net/dev_mcast).
public struct MulticastMembership: Hashable, Codable, Sendable {
  /// Whose it is.
  public var interface: InterfaceID
  /// The group's MAC address.
  public var group: MACAddress

  /// States a membership.
  public init(_ interface: InterfaceID, _ group: MACAddress) {
    self.interface = interface
    self.group = group
  }
}
