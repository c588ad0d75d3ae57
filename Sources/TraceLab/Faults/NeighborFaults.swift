import Netlink

extension Fault {
  /// Faults of finding a neighbor's MAC address.
  static let neighbors: [Fault] = [
    Fault(
      id: "neighbor-unanswered", title: "bbox1 pings an address that nobody has", from: "bbox1",
      to: "172.22.16.99", passes: false, specification: LabSpecification()),
    Fault(
      id: "dup-ip", title: "bbox2 and bbox3 have one address, and neither answers pings", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network {
        $0.containers[1].isSilent = true
        $0.add("bbox3", host: 0, "172.22.16.20/24", .bridge)
        $0.containers[2].isSilent = true
      }),
    Fault(
      id: "arp-ignore", title: "bbox3 answers no ARP requests", from: "bbox1", to: "172.22.16.30",
      passes: false,
      specification: pair(("bbox3", "sysctl -qw net.ipv4.conf.eth0.arp_ignore=8"))),
    Fault(
      id: "arp-off", title: "ARP is switched off on bbox3's interface", from: "bbox1", to: "172.22.16.30",
      passes: false, specification: pair(("bbox3", "ip link set eth0 arp off"))),
    Fault(
      id: "arp-off-sender", title: "ARP is switched off on bbox1's interface", from: "bbox1",
      to: "172.22.16.30", passes: false, specification: pair(("bbox1", "ip link set eth0 arp off")),
      variantOf: "arp-off"),
    Fault(
      id: "stale-arp", title: "bbox1 has a wrong neighbor entry for bbox3", from: "bbox1", to: "172.22.16.30",
      passes: false,
      specification: pair(
        ("bbox1", "ip neighbor replace 172.22.16.30 lladdr 02:00:00:00:00:99 dev eth0 nud permanent"))),
    Fault(
      id: "stale-arp-peer", title: "bbox2 has a wrong neighbor entry for bbox1", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        ("bbox2", "ip neighbor replace 172.22.16.10 lladdr 02:00:00:00:00:99 dev eth0 nud permanent")),
      variantOf: "stale-arp"),
    Fault(
      id: "arp-flux", title: "bbox3's two interfaces answer for one address", from: "bbox1",
      to: "172.22.16.31",
      passes: true, specification: twoInterfaces("sysctl -qw net.ipv4.conf.all.rp_filter=0"), isFlawed: true),
    Fault(
      id: "ipv6-dad-failed", title: "bbox3's IPv6 address was taken when it was given", from: "bbox1",
      to: "fd16::30", passes: false,
      specification: pair(
        ("bbox1", "ip -6 address add fd16::10/64 dev eth0 nodad"),
        ("bbox2", "ip -6 address add fd16::30/64 dev eth0 nodad; sleep 2"),
        (
          "bbox3",
          "ip -6 address add fd16::30/64 dev eth0; sleep 3; ip -6 address show dadfailed | grep -q fd16::30"
        ),
        ("bbox2", "ip -6 address delete fd16::30/64 dev eth0")), settling: 3),
  ]
}
