public import Netlink
public import NetworkAddresses

/// A host or a router of a lab: a namespace with one interface, whose cable ends in a port of the switch.
public struct LabStation: Sendable {
  /// Where the cable ends.
  public struct Port: Sendable {
    /// Whether it is up: without it the station has no carrier.
    public var isUp = true
    /// The VLANs that it carries, on a switch that tells VLANs apart.
    public var vlans: [BridgeVLAN] = []

    /// A port that is up and carries no VLAN.
    public init() {}
  }

  /// A VLAN sub-interface.
  public struct VLANInterface: Sendable {
    /// Its name.
    public var name: String
    /// The VLAN that it stands for.
    public var id: VLANID
    /// 0x8100 (802.1Q) or 0x88a8 (802.1ad).
    public var `protocol`: UInt16 = 0x8100
    /// The interface that it sits on: the station's own, or a sub-interface that is made before it.
    public var lower: String
    /// Its address.
    public var address: IPPrefix?
    /// Whether it is up.
    public var isUp = true
  }

  /// The namespace's name, without the lab's prefix.
  public var name: String
  /// The name of its interface.
  public var interface: String
  /// The interface's address, for untagged frames.
  public var address: IPPrefix?
  /// Whether the interface is up.
  public var isUp = true
  /// The switch's port for it.
  public var port = Port()
  /// What sits on the interface, in the order in which it is made.
  public var vlans: [VLANInterface] = []
  /// Whether it forwards IPv4 packets: then it is a router.
  public var forwards = false

  /// A station without VLANs that forwards nothing.
  ///
  /// - Parameter address: the interface's; one that is none is left out.
  public init(_ name: String, interface: String = "ens33", address: String? = nil) {
    self.name = name
    self.interface = interface
    self.address = address.flatMap { IPPrefix($0) }
  }

  /// Has its switch port carry a VLAN with tags, and makes a sub-interface for it: `ens33.10`.
  ///
  /// - Parameter address: the sub-interface's; one that is none is left out.
  public mutating func addVLAN(_ id: VLANID, address: String? = nil) {
    port.vlans.append(BridgeVLAN(id))
    vlans.append(
      VLANInterface(
        name: "\(interface).\(id)", id: id, lower: interface, address: address.flatMap { IPPrefix($0) }))
  }
}
