public import LinuxNamespaces
import Netlink
public import NetworkAddresses
import SystemPackage
public import TraceModel

/// Finds who can send and hear for a VLAN: what sits on the parent in it, has an address and is up.
public enum VLANStations {
  /// Of each of the VLANs, the best first: a container's child, then a child beside the parent, then the sub-interface.
  public static func all(in topology: Topology, vlans: [VLANID]) -> [VLANStation] {
    let children = topology.children.filter { $0.id.namespace != 0 }
    let containers = children.filter { $0.id.namespace != topology.parent.namespace }
    let beside = children.filter { $0.id.namespace == topology.parent.namespace }
    let devices = topology.interfaces.filter { $0.kind == .vlan && $0.parent == topology.parent }
    return vlans.flatMap { vlan in
      (containers + beside + devices).filter { $0.vlan == vlan && $0.up }
        .compactMap { station(of: $0, in: vlan) }
    }
  }

  private static func station(of interface: Interface, in vlan: VLANID) -> VLANStation? {
    let usable = interface.addresses.map(\.address).filter { !$0.isLinkLocal && !$0.isMulticast }
    let addresses = [usable.first(where: \.isIPv4), usable.first { !$0.isIPv4 }].compactMap(\.self)
    guard !addresses.isEmpty else { return nil }
    return VLANStation(
      vlan: vlan, label: interface.label, namespace: interface.id.namespace, interface: interface.id,
      mac: interface.mac, addresses: addresses)
  }

  /// The VLANs that the parent has sub-interfaces for, in ascending order; of these, those that are asked for.
  ///
  /// - Throws: `DiscoveryError` for one that it has none for, and where there are fewer than two.
  public static func vlans(of topology: Topology, among asked: [VLANID]) throws(DiscoveryError) -> [VLANID] {
    let devices = topology.interfaces.filter { $0.kind == .vlan && $0.parent == topology.parent }
    let known = Set(devices.compactMap(\.vlan)).sorted()
    let parent = topology.parentInterface?.name ?? "the parent"
    let list = known.isEmpty ? "none" : known.map(\.description).joined(separator: ", ")
    if let missing = asked.first(where: { !known.contains($0) }) {
      throw DiscoveryError(
        .noSuchInterface, "\(parent) has no sub-interface in VLAN \(missing): it has \(list)",
        errno: .noSuchDevice, hint: "`macvtrace list \(parent)` shows them")
    }
    let chosen = asked.isEmpty ? known : Set(asked).sorted()
    guard chosen.count > 1 else {
      throw DiscoveryError(
        .unsupportedInterface, "between VLANs there have to be two of them; \(parent) has \(list)",
        errno: .invalidArgument, hint: "name a trunk's parent interface, and two of its VLANs or none")
    }
    return chosen
  }

  /// Somebody who was named for a VLAN, be it on this machine or elsewhere.
  public static func named(_ station: Station, in vlan: VLANID, _ topology: Topology) -> VLANStation {
    VLANStation(
      vlan: vlan, label: station.label, namespace: station.namespace, interface: station.interface,
      mac: station.interface.flatMap(topology.interface)?.mac,
      addresses: [station.address].compactMap(\.self))
  }
}

extension StationFinder {
  /// The namespaces of the stations that are on this machine, by inode, each open for as long as the result is kept.
  ///
  /// - Throws: `DiscoveryError` for one that cannot be opened any more.
  public func namespaces(of run: VerificationRun) throws(DiscoveryError) -> [UInt64: NetworkNamespace] {
    let used = run.exchanges.flatMap { [$0.run.from.namespace, $0.run.to.namespace] }.compactMap(\.self)
    var opened: [UInt64: NetworkNamespace] = [:]
    for inode in Set(used) {
      guard let place = survey.place(inode) else { continue }
      do {
        opened[inode] = try place.found.isCurrent ? NetworkNamespace.current() : place.found.open()
      } catch {
        throw DiscoveryError("enter \(place.label)", error)
      }
    }
    return opened
  }

  /// The parent of another network stack of this machine that has one of those addresses: of a router that is a namespace
  /// or a container here. `nil` where none has, or several do.
  public func parent(owning addresses: [IPAddress], otherThan parent: InterfaceID) -> ProbePath.Parent? {
    var found: [InterfaceID: ProbePath.Parent] = [:]
    for address in addresses {
      for owner in survey.owners(of: address) {
        let bottom = survey.bottom(of: owner.link, in: owner.place)
        let id = InterfaceID(namespace: bottom.place.inode, ifindex: bottom.link.ifindex)
        guard id != parent, bottom.place.inode != parent.namespace, bottom.link.canBeParent,
          let namespace = try? bottom.place.found.open()
        else { continue }
        found[id] = ProbePath.Parent(name: bottom.link.name, namespace: namespace)
      }
    }
    return found.count == 1 ? found.values.first : nil
  }
}
