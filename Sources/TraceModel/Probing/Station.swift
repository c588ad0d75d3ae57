public import NetworkAddresses

/// One end of a probe: a namespace with an address, or an address of which nothing else is known.
public struct Station: Hashable, Codable, Sendable {
  /// What a person calls it: a container's name, `this host`, a namespace's name, else the address.
  public var label: String
  /// The inode of its network namespace; `nil` where that is not on this machine.
  public var namespace: UInt64?
  /// The interface that has the address, where it is known.
  public var interface: InterfaceID?
  /// The address; `nil` where a sender has none of the family that is asked for.
  public var address: IPAddress?

  /// Names a station.
  public init(
    label: String, namespace: UInt64? = nil, interface: InterfaceID? = nil, address: IPAddress? = nil
  ) {
    self.label = label
    self.namespace = namespace
    self.interface = interface
    self.address = address
  }
}
