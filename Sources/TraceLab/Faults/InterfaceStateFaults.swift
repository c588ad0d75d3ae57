import Netlink

extension Fault {
  /// Faults of an interface's own state.
  static let interfaceState: [Fault] = [
    Fault(
      id: "child-down", title: "docker02 pings bbox1, whose interface is down", from: "docker02",
      to: "172.22.16.10", passes: false, specification: network { $0.containers[0].isUp = false }),
    Fault(
      id: "mac-dup-same-parent", title: "bbox2 pings bbox1, whose sibling has its MAC address", from: "bbox2",
      to: "172.22.16.10", passes: false,
      specification: network {
        $0.add("bbox3", host: 0, "172.22.16.30/24", .bridge)
        $0.setup = [
          LabStep("bbox1", "ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:10"),
          LabStep("bbox3", "ip link set eth0 address 02:00:00:00:00:10"),
          LabStep("bbox1", "! ip link set eth0 up 2>/dev/null"),
        ]
      }),
    Fault(
      id: "parent-down", title: "docker01's ens33 is down", from: "bbox1", to: "172.22.16.20", passes: false,
      specification: network { $0.stations[0].isUp = false }),
    Fault(
      id: "parent-no-carrier", title: "docker01's switch port is down", from: "bbox1", to: "172.22.16.20",
      passes: false, specification: network { $0.stations[0].port.isUp = false }),
  ]
}
