import Netlink
import NetworkAddresses

extension Fault {
  /// Faults of tags and trunks.
  static let vlans: [Fault] = [
    untrunked("vlan-missing-on-trunk", "docker01's switch port does not carry VLAN 10", asking: []),
    untrunked(
      "vlan-missing-on-trunk-several", "the same, and more than one address of VLAN 10 is asked for",
      asking: ["172.16.10.11", "172.16.10.1"]),
    fault(
      "native-pvid-mismatch", "VLAN 10 is the native one of docker01's switch port",
      trunk(LabStep("switch", "bridge vlan add dev port1 vid 10 pvid untagged"))),
    fault(
      "vlan-id-name-mismatch", "docker01's ens33.10 carries VLAN 30",
      trunk(chatter("bbox11", "172.16.10.99")) {
        $0.stations[0].vlans[0].id = VLANID(30) ?? $0.stations[0].vlans[0].id
      }),
    fault(
      "qinq-ethertype", "docker01's ens33.10 tags by 802.1ad",
      trunk(chatter("bbox11", "172.16.10.99")) { $0.stations[0].vlans[0].protocol = 0x88a8 }),
    oversized("vlan-mtu-overhead", "docker01's switch port takes no frame of more than 1514 octets"),
    oversized(
      "vlan-mtu-overhead-routed", "the same, on the way to VLAN 20", to: "172.16.20.20",
      variantOf: "vlan-mtu-overhead"),
    fault(
      "vlan-dev-down", "docker01's ens33.10 is down", trunk(LabStep("docker01", "ip link set ens33.10 down"))),
    fault(
      "unknown-vid", "docker02 sends to bbox10 in VLAN 30, which docker01 does not have", from: "docker02",
      to: "172.16.10.10",
      trunk(
        LabStep("switch", "for port in port1 port2; do bridge vlan add dev $port vid 30; done"),
        LabStep(
          "docker02",
          """
          ip link add link ens33 name ens33.30 type vlan id 30; ip link set ens33.30 up
          ip address add 172.16.10.50/32 dev ens33.30; ip route add 172.16.10.10/32 dev ens33.30 src 172.16.10.50
          """))),
    fault(
      "tagged-into-child", "docker02 sends to bbox1 in VLAN 30, which docker01 does not have",
      from: "docker02",
      to: "172.22.16.10",
      trunk(
        LabStep("switch", "for port in port1 port2; do bridge vlan add dev $port vid 30; done"),
        LabStep("bbox1", "ip link set eth0 address 02:00:00:00:00:10"),
        LabStep(
          "docker02",
          """
          ip link add link ens33 name ens33.30 type vlan id 30; ip link set ens33.30 up
          ip address add 172.22.16.3/24 dev ens33.30
          ip neigh replace 172.22.16.10 lladdr 02:00:00:00:00:10 dev ens33.30
          """)
      ) { $0.add("bbox1", host: 0, on: "ens33", "172.22.16.10/24", .bridge) }),
    Fault(
      id: "double-tag-vst", title: "docker01 is a VMware machine whose port group tags VLAN 10 by itself",
      from: "bbox10", to: "172.16.10.11", passes: false,
      specification: trunk(
        LabStep(
          "switch", "bridge vlan del dev port1 vid 20; bridge vlan add dev port1 vid 10 pvid untagged"),
        chatter("bbox11", "172.16.10.99")),
      topology: .vlan, isProven: false, machine: vmware),
    Fault(
      id: "reorder-hdr-off", title: "docker01's ens33.10 leaves tags in its frames", from: "docker01",
      to: "192.168.10.3", passes: true,
      specification: trunk(LabStep("docker01", "ip link set dev ens33.10 type vlan reorder_hdr off")) {
        $0.containers.removeAll { $0.lower == "ens33.10" && $0.host == 0 }
      }, topology: .vlan, isFlawed: true),
    Fault(
      id: "vlan-l2-leak", title: "a bridge on the router connects VLAN 10 and VLAN 20", from: "bbox10",
      to: "172.16.10.11", passes: true,
      specification: trunk(
        LabStep(
          "router",
          """
          ip link add leak type bridge; ip link set leak up
          ip link set r0.10 master leak; ip link set r0.20 master leak
          """)), topology: .vlan, isFlawed: true),
  ]

  private static func fault(
    _ id: String, _ title: String, from: String = "bbox10", to: String = "172.16.10.11",
    _ specification: LabSpecification
  ) -> Fault {
    Fault(
      id: id, title: title, from: from, to: to, passes: false, specification: specification, topology: .vlan)
  }

  /// docker01's switch port lacks VLAN 10. That one address alone is asked for proves nothing: its machine may be off.
  private static func untrunked(_ id: String, _ title: String, asking addresses: [String]) -> Fault {
    var fault = fault(
      id, title,
      trunk(LabStep("switch", "bridge vlan del dev port1 vid 10"), chatter("bbox20", "172.16.20.99")))
    fault.isProven = addresses.count > 1
    fault.otherEndMayProve = !fault.isProven
    if fault.isProven {
      fault.variantOf = "vlan-missing-on-trunk"
      fault.script =
        addresses.map { "ping -c 3 -i 0.5 -W 1 \($0) & " }.joined()
        + "for one in $(jobs -p); do wait $one || exit 1; done"
    }
    return fault
  }

  /// What docker01 sends with a tag must be no longer than what others send without.
  private static func oversized(
    _ id: String, _ title: String, to: String = "172.16.10.11", variantOf: String? = nil
  ) -> Fault {
    // The tag's four octets stand beside the buffer when the filter sees it.
    var fault = fault(
      id, title, to: to,
      trunk(LabStep("switch", "tc qdisc add dev port1 clsact; \(drop(above: 1510, "port1"))")))
    fault.size = 1472
    fault.variantOf = variantOf
    return fault
  }

  /// The network on trunks, changed before and after it is built.
  private static func trunk(_ steps: LabStep..., change: (inout LabSpecification) -> Void = { _ in })
    -> LabSpecification
  {
    var specification = LabTopology.vlan.specification
    change(&specification)
    specification.setup = steps
    return specification
  }

  /// Has a container ask for an address that nobody has, as long as it has its interface, so that its VLAN is seen to be
  /// alive.
  private static func chatter(_ container: String, _ address: String) -> LabStep {
    LabStep(
      container,
      """
      while ip link show eth0; do arping -c 1 -w 1 -I eth0 \(address) || sleep 0.3; done >/dev/null 2>&1 </dev/null &
      """
    )
  }
}
