public import NetworkAddresses

/// That an interface is a member of a multicast group.
public struct GroupMembership: Hashable, Codable, Sendable {
  /// Whose membership it is.
  public var interface: InterfaceID
  /// The group.
  public var address: IPAddress

  /// States a membership.
  public init(interface: InterfaceID, address: IPAddress) {
    self.interface = interface
    self.address = address
  }
}
