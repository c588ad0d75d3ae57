import Netlink
import NetworkAddresses

/// The networks that a lab can be built as.
public enum LabTopology: String, Sendable, CaseIterable {
  /// One network without tags.
  case flat
  /// Two VLANs on trunks, with a router between them.
  case vlan

  /// One line for `macvtrace lab list`.
  public var title: String {
    switch self {
    case .flat: "docker01 and docker02 on a switch, bbox1 and bbox2 on their ens33"
    case .vlan: "the same on trunks: bbox10, bbox11 in VLAN 10, bbox20, bbox21 in VLAN 20, a router between"
    }
  }

  /// What is built where no fault is named.
  public var defaultFault: String {
    switch self {
    case .flat: "host-to-child-bridge"
    case .vlan: "healthy-routed"
    }
  }

  /// The network, healthy.
  public var specification: LabSpecification {
    switch self {
    case .flat: LabSpecification()
    case .vlan: Self.vlanSpecification
    }
  }

  /// The tutorial's second half: a router on a stick, and on each host a container in each VLAN.
  private static var vlanSpecification: LabSpecification {
    var hosts = [LabStation("docker01"), LabStation("docker02")]
    var router = LabStation("router", interface: "r0")
    router.forwards = true
    for number in [UInt16(10), 20] {
      guard let id = VLANID(number) else { continue }
      hosts[0].addVLAN(id, address: "192.168.\(number).2/24")
      hosts[1].addVLAN(id, address: "192.168.\(number).3/24")
      router.addVLAN(id, address: "172.16.\(number).1/24")
    }
    var specification = LabSpecification(stations: hosts + [router])
    specification.switchFiltersVLANs = true
    for (name, host, vlan, last) in [
      ("bbox10", 0, 10, 10), ("bbox20", 1, 20, 20), ("bbox11", 1, 10, 11), ("bbox21", 0, 20, 21),
    ] {
      specification.add(
        name, host: host, on: "ens33.\(vlan)", "172.16.\(vlan).\(last)/24", gateway: "172.16.\(vlan).1",
        .bridge)
    }
    return specification
  }
}
