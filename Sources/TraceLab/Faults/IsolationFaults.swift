import Netlink

extension Fault {
  /// Faults of the modes: who hears whom.
  static let isolation: [Fault] = [
    Fault(
      id: "host-to-child-bridge", title: "docker01 pings its own container", from: "docker01",
      to: "172.22.16.10",
      passes: false, specification: LabSpecification()),
    Fault(
      id: "host-to-child-private", title: "the same, the child in private mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .private)),
    Fault(
      id: "host-to-child-vepa", title: "the same, the child in VEPA mode", from: "docker01",
      to: "172.22.16.10",
      passes: false, specification: LabSpecification(mode: .vepa)),
    Fault(
      id: "host-to-child-passthru", title: "the same, the child in passthru mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .passthru)),
    Fault(
      id: "host-to-child-source", title: "the same, the child in source mode", from: "docker01",
      to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .source)),
    Fault(
      id: "source-mac-not-listed", title: "bbox2 pings bbox1, in source mode and with an empty list",
      from: "bbox2", to: "172.22.16.10", passes: false, specification: LabSpecification(mode: .source)),
    Fault(
      id: "source-nodst-eats", title: "bbox2 pings bbox1; a sibling in source mode takes that", from: "bbox2",
      to: "172.22.16.10", passes: false,
      specification: network {
        $0.add("bbox3", host: 0, "172.22.16.30/24", .source)
        $0.setup = [
          LabStep("bbox2", "ip link set eth0 address 02:00:00:00:00:20"),
          LabStep("bbox1", "ip neigh replace 172.22.16.20 lladdr 02:00:00:00:00:20 dev eth0"),
          LabStep("bbox3", "ip link set eth0 type macvlan mode source nodst macaddr add 02:00:00:00:00:20"),
        ]
      }),
    Fault(
      id: "child-to-host-bridge", title: "the container pings its own host", from: "bbox1", to: "172.22.16.2",
      passes: false, specification: LabSpecification()),
    Fault(
      id: "private-sibling-isolation", title: "two containers of one host, both in private mode",
      from: "bbox1",
      to: "172.22.16.30", passes: false, specification: siblings(.private, .private)),
    Fault(
      id: "vepa-no-reflective-relay", title: "two containers of one host in VEPA mode on an ordinary switch",
      from: "bbox1", to: "172.22.16.30", passes: false, specification: siblings(.vepa, .vepa)),
    Fault(
      id: "sibling-mode-mismatch", title: "two containers of one host, one in bridge and one in VEPA mode",
      from: "bbox1", to: "172.22.16.30", passes: false, specification: siblings(.bridge, .vepa)),
  ]
}
