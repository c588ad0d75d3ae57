public import NetworkAddresses

/// A multicast address that an interface takes frames for (/proc/net/dev_mcast).
public struct GroupMembership: Hashable, Codable, Sendable {
  /// Whose filter it is in.
  public var interface: InterfaceID
  /// The group's MAC address (RFC 1112, 6.4; RFC 2464, 7).
  public var mac: MACAddress

  /// Describes an entry of a filter.
  public init(interface: InterfaceID, mac: MACAddress) {
    self.interface = interface
    self.mac = mac
  }
}
