import NetworkAddresses
import TraceModel

/// Which VLANs a parent has sub-interfaces for, and which addresses belong to each.
struct VLANMembership {
  /// In ascending order.
  let vlans: [VLANID]
  private let networks: [(prefix: IPPrefix, vlan: VLANID)]

  /// - Parameter run: what was verified; stations elsewhere add their addresses.
  init(_ topology: Topology, _ run: VerificationRun? = nil) {
    let devices = topology.interfaces.filter { $0.kind == .vlan && $0.parent == topology.parent }
    vlans = run?.vlans ?? Set(devices.compactMap(\.vlan)).sorted()
    let known = Set(vlans)
    let named = (run?.stations ?? []).flatMap { station in
      station.addresses.compactMap { address in
        IPPrefix(address, length: address.bitWidth).map { (prefix: $0, vlan: station.vlan) }
      }
    }
    networks =
      (named
      + topology.interfaces.flatMap { interface -> [(prefix: IPPrefix, vlan: VLANID)] in
        guard let vlan = interface.vlan, known.contains(vlan) else { return [] }
        return interface.addresses.filter { !$0.address.isLinkLocal && $0.length > 0 }.map { ($0, vlan) }
      })
      .sorted { $0.prefix.length > $1.prefix.length }
  }

  /// The VLAN whose network an address is in, by the longest prefix; `nil` where none is or several are.
  func vlan(of address: IPAddress) -> VLANID? {
    let matching = networks.filter { $0.prefix.contains(address) }
    guard let best = matching.first else { return nil }
    let same = matching.filter { $0.prefix.length == best.prefix.length }
    return same.allSatisfy { $0.vlan == best.vlan } ? best.vlan : nil
  }
}
