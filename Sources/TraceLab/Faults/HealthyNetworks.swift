import Netlink

extension Fault {
  /// Networks in which nothing is wrong.
  static let healthy: [Fault] = [
    Fault(
      id: "healthy", title: "two containers on two hosts", from: "bbox1", to: "172.22.16.20", passes: true,
      specification: LabSpecification()),
    Fault(
      id: "healthy-siblings", title: "two containers of one host in bridge mode", from: "bbox1",
      to: "172.22.16.30", passes: true, specification: siblings(.bridge, .bridge)),
    Fault(
      id: "healthy-host", title: "the two hosts", from: "docker01", to: "172.22.16.3", passes: true,
      specification: LabSpecification()),
    Fault(
      id: "healthy-reflecting", title: "docker01 pings its own container through a reflecting switch port",
      from: "docker01", to: "172.22.16.10", passes: true, specification: network { $0.reflects = true }),
    Fault(
      id: "healthy-reflecting-vepa", title: "the same, the child in VEPA mode", from: "docker01",
      to: "172.22.16.10", passes: true,
      specification: network {
        $0.reflects = true
        $0.containers[0].mode = .vepa
      }),
    Fault(
      id: "healthy-vlan", title: "two containers in VLAN 10 on two hosts", from: "bbox10", to: "172.16.10.11",
      passes: true, specification: LabTopology.vlan.specification, topology: .vlan),
    Fault(
      id: "healthy-routed", title: "bbox10 in VLAN 10 pings bbox20 in VLAN 20 through the router",
      from: "bbox10", to: "172.16.20.20", passes: true, specification: LabTopology.vlan.specification,
      topology: .vlan),
    Fault(
      id: "healthy-routed-one-host", title: "the same with bbox21, which is on bbox10's own host",
      from: "bbox10", to: "172.16.20.21", passes: true, specification: LabTopology.vlan.specification,
      topology: .vlan),
  ]
}
