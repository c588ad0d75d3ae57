import NetworkAddresses
import TraceModel

/// In which VLAN a sighting was made: at the parent by its tag, on what sits on a sub-interface by that.
struct VLANPlacement {
  private let parent: InterfaceID
  private let vlans: [InterfaceID: VLANID]

  init(_ topology: Topology) {
    parent = topology.parent
    vlans = Dictionary(
      topology.interfaces.filter { $0.id != topology.parent }.compactMap { interface in
        interface.vlan.map { (interface.id, $0) }
      }
    ) { first, _ in first }
  }

  /// `nil` for an untagged frame at the parent, and for what sits on the parent itself.
  func vlan(of sighting: Sighting) -> VLANID? {
    sighting.hook.interface == parent
      ? sighting.frame.outerTag?.vlanID : vlans[sighting.hook.interface]
  }
}
