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
      id: "healthy-shim", title: "docker01 reaches its own container by a macvlan interface of its own",
      from: "docker01", to: "172.22.16.10", passes: true,
      specification: network(
        (
          "docker01",
          """
          ip link add shim link ens33 type macvlan mode bridge; ip link set shim up
          ip address add 172.22.16.200/32 dev shim; ip route add 172.22.16.10/32 dev shim
          """
        ))),
    Fault(
      id: "healthy-ipv6", title: "a network of IPv6 alone", from: "bbox1", to: "fd16::20", passes: true,
      specification: network(
        ("docker01", "ip -4 address flush dev ens33"), ("docker02", "ip -4 address flush dev ens33"),
        ("bbox1", ipv6Alone("fd16::10/64")), ("bbox2", ipv6Alone("fd16::20/64")))),
    Fault(
      id: "healthy-promiscuous", title: "docker01's ens33 is promiscuous", from: "bbox1", to: "172.22.16.20",
      passes: true, specification: network(("docker01", "ip link set ens33 promisc on"))),
    Fault(
      id: "healthy-asymmetric", title: "bbox3 answers by its other interface, and it works", from: "bbox1",
      to: "172.22.16.30", passes: true,
      specification: twoInterfaces(
        """
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
        ip route add 172.22.16.10/32 dev eth1
        """)),
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

  private static func ipv6Alone(_ address: String) -> String {
    "ip -4 address flush dev eth0; ip -6 address add \(address) dev eth0 nodad"
  }
}
