import NetworkAddresses
import TraceModel

/// In which VLAN a sighting was made: at a parent by its tag, on what sits on a sub-interface by that.
struct VLANPlacement {
  private let parents: Set<InterfaceID>
  private let vlans: [InterfaceID: VLANID]

  /// - Parameter topologies: those of the hosts that saw something.
  init(_ topologies: [Topology]) {
    parents = Set(topologies.map(\.parent))
    vlans = Dictionary(
      topologies.flatMap { topology in
        topology.interfaces.filter { $0.id != topology.parent }.compactMap { interface in
          interface.vlan.map { (interface.id, $0) }
        }
      }
    ) { first, _ in first }
  }

  /// `nil` for an untagged frame at a parent, and for what sits on the parent itself.
  func vlan(of sighting: Sighting) -> VLANID? {
    parents.contains(sighting.hook.interface)
      ? sighting.frame.outerTag?.vlanID : vlans[sighting.hook.interface]
  }

  /// Whether it was seen to leave a host in a VLAN.
  func isDeparture(_ sighting: Sighting) -> Bool {
    sighting.hook.direction == .egress && parents.contains(sighting.hook.interface)
  }

  /// Whether it was seen to come in at a host.
  func isArrival(_ sighting: Sighting) -> Bool {
    sighting.hook.direction == .ingress && parents.contains(sighting.hook.interface)
  }
}
