public import NetworkAddresses

/// Who sends and hears for a VLAN when the ways between VLANs are verified.
public struct VLANStation: Hashable, Codable, Sendable {
  /// The VLAN that it is in.
  public var vlan: VLANID
  /// What a person calls it: `bbox10 (eth0)`, `ens33.10`, else the address.
  public var label: String
  /// The inode of its network namespace; `nil` where that is not on this machine.
  public var namespace: UInt64?
  /// The interface that it sends by; `nil` where that is not on the observed parent.
  public var interface: InterfaceID?
  /// That interface's MAC address.
  public var mac: MACAddress?
  /// At most one of each family, IPv4 first.
  public var addresses: [IPAddress]

  /// Names a station.
  public init(
    vlan: VLANID, label: String, namespace: UInt64? = nil, interface: InterfaceID? = nil,
    mac: MACAddress? = nil, addresses: [IPAddress]
  ) {
    self.vlan = vlan
    self.label = label
    self.namespace = namespace
    self.interface = interface
    self.mac = mac
    self.addresses = addresses
  }

  /// Its address of that family.
  public func address(isIPv4: Bool) -> IPAddress? { addresses.first { $0.isIPv4 == isIPv4 } }

  /// One end of a probe, by its address of that family; `nil` without one.
  public func station(isIPv4: Bool) -> Station? {
    address(isIPv4: isIPv4).map {
      Station(label: label, namespace: namespace, interface: interface, address: $0)
    }
  }
}
