import Netlink

extension Fault {
  /// Faults of the way between: sizes, translation, redirects, and who answers for whom.
  static let paths: [Fault] = [
    path(
      "pmtu-blackhole", "behind the switch is a link with an MTU of 1400, and its message is filtered",
      to: "10.99.0.2",
      narrowLink(
        ("switch", "iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")), size: 1472),
    path(
      "pmtu-blackhole-local-router",
      "bbox3 routes into a link with an MTU of 1400, and its firewall drops the message",
      to: "10.9.0.40",
      routed(
        LabStep("bbox3", "ip link set eth1 mtu 1400"),
        LabStep("bbox3", "iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")), size: 1472,
      variantOf: "pmtu-blackhole"),
    path(
      "pmtu-blackhole-container-firewall", "the same network, and bbox1's own firewall drops the message",
      to: "10.99.0.2",
      narrowLink(
        (
          "bbox1",
          """
          nft add table inet own
          nft 'add chain inet own input { type filter hook input priority 0; policy drop; }'
          nft add rule inet own input icmp type '{ echo-request, echo-reply }' accept
          """
        )), size: 1472, variantOf: "pmtu-blackhole"),
    path(
      "pmtu-blackhole-switch", "the switch throws frames of more than 1400 octets away", to: "172.22.16.20",
      network(("switch", "tc qdisc add dev port1 clsact; \(drop(above: 1414, "port1"))")), size: 1472,
      variantOf: "pmtu-blackhole"),
    path(
      "nat-hides-source", "bbox3 routes between two networks and masquerades", to: "10.9.0.40",
      routed(LabStep("bbox3", "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE")), isFlawed: true),
    path(
      "nat-hides-source-firewall", "the same in nftables, and bbox4 lets bbox1's network in and nobody else",
      to: "10.9.0.40",
      routed(
        LabStep(
          "bbox3",
          """
          nft add table ip nat; nft 'add chain ip nat post { type nat hook postrouting priority 100; }'
          nft add rule ip nat post oifname eth1 masquerade
          """),
        LabStep("bbox4", "iptables -P INPUT DROP; iptables -A INPUT -s 172.22.16.0/24 -j ACCEPT")),
      variantOf: "nat-hides-source"),
    path(
      "nat-hides-source-beyond", "the switch is the router, and masquerades", to: "10.9.0.40",
      network {
        $0.add("bbox4", host: 0, "10.9.0.40/24", gateway: "10.9.0.1", .bridge)
        $0.setup = [
          LabStep(
            "switch",
            """
            ip address add 10.9.0.1/24 dev br0; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0
            sysctl -qw net.ipv4.conf.br0.send_redirects=0
            sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
            iptables -t nat -A POSTROUTING -d 10.9.0.0/24 -j MASQUERADE
            """),
          LabStep("bbox1", "ip route add 10.9.0.0/24 via 172.22.16.1"),
          LabStep("bbox4", "ip route replace default via 10.9.0.1"),
        ]
      }, variantOf: "nat-hides-source", isFlawed: true),
    path(
      "proxy-arp-hijack", "docker02 answers for its neighbors, whom it would route elsewhere",
      to: "172.22.16.20",
      network(
        (
          "docker02",
          """
          ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
          ip route add 172.22.16.16/28 dev v0; sysctl -qw net.ipv4.ip_forward=1
          sysctl -qw net.ipv4.conf.ens33.proxy_arp=1 net.ipv4.neigh.ens33.proxy_delay=0
          """
        ),
        (
          "bbox1",
          "for n in $(seq 60); do for a in 21 22; do arping -c 1 -w 1 -I eth0 172.22.16.$a; done; sleep 0.3; done "
            + ">/dev/null 2>&1 </dev/null &"
        ))),
    path(
      "proxy-arp-hijack-host", "docker01 answers for its own container, by the route of a shim",
      from: "docker02",
      to: "172.22.16.10",
      network(
        (
          "docker01",
          """
          ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
          ip route add 172.22.16.10/32 dev v0; sysctl -qw net.ipv4.ip_forward=1
          sysctl -qw net.ipv4.conf.ens33.proxy_arp=1 net.ipv4.neigh.ens33.proxy_delay=0
          """
        )), variantOf: "proxy-arp-hijack"),
    path(
      "icmp-redirect", "the switch redirected bbox1 to docker02, which takes packets from the switch alone",
      to: "10.99.0.1",
      network(
        ("switch", "sysctl -qw net.ipv4.ip_forward=1; ip route add 10.99.0.1/32 via 172.22.16.3"),
        (
          "docker02",
          """
          ip address add 10.99.0.1/32 dev lo; ip route add 172.22.16.10/32 via 172.22.16.1
          sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.ens33.accept_redirects=0
          ping -c 1 -W 1 172.22.16.1 >/dev/null; mac=$(ip neighbor show 172.22.16.1 | grep -o '..:..:..:..:..:..')
          nft add table netdev own
          nft 'add chain netdev own in { type filter hook ingress device ens33 priority 0; }'
          nft add rule netdev own in ip daddr 10.99.0.1 ether saddr != $mac drop
          """
        ),
        (
          "bbox1",
          """
          sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.eth0.accept_redirects=1
          ip route add default via 172.22.16.1; ping -c 3 -i 0.2 -W 1 10.99.0.1 >/dev/null || true
          ip route get 10.99.0.1 | grep -q 172.22.16.3
          """
        ))),
    path(
      "martian-source", "docker02 translates its own address into bbox1's when it asks bbox1",
      from: "docker02",
      to: "172.22.16.10",
      network(
        (
          "docker02",
          "iptables -t nat -A POSTROUTING -d 172.22.16.10 -j SNAT --to-source 172.22.16.10"
        ))),
    path(
      "martian-source-answers", "docker02 translates its answers to bbox1 into bbox1's own address",
      to: "172.22.16.3",
      network(
        (
          "docker02",
          """
          nft add table ip raw2; nft 'add chain ip raw2 out { type filter hook output priority 300; }'
          nft add rule ip raw2 out ip daddr 172.22.16.10 ip saddr set 172.22.16.10
          """
        )), variantOf: "martian-source"),
    path(
      "ipv6-nd-multicast-lost", "bbox3's IPv6 address lives behind its eth0, as a virtual machine's does",
      to: "fd16::30", guest),
    path(
      "br-netfilter-filter", "docker01's ens33 is a bridge, and its iptables drops what it switches",
      to: "172.22.16.20", bridged),
    path(
      "host-firewall-bypassed", "docker01's rules forbid pings to bbox1, and never see them",
      from: "docker02",
      to: "172.22.16.10",
      network(
        ("docker01", "iptables -A FORWARD -d 172.22.16.10 -p icmp -j DROP")), isFlawed: true, cureBlocks: true
    ),
    path(
      "checksum-partial", "bbox2 answers without a checksum", to: "172.22.16.20",
      network(
        (
          "bbox2",
          """
          nft add table ip own; nft 'add chain ip own out { type filter hook output priority 300; }'
          nft add rule ip own out icmp type echo-reply @th,16,16 set 0x1234
          """
        ))),
    path(
      "ip-overlaps-dhcp", "the switch's DHCP server gives bbox1's address to somebody else",
      to: "172.22.16.20",
      network(("switch", dhcpServer)), isFlawed: true),
    path(
      "bc-queue-overflow", "bbox1's parent queues no broadcasts", from: "bbox2", to: "172.22.16.10",
      network(("bbox1", "ip link set dev eth0 type macvlan bcqueuelen 0"))),
  ]

  /// Networks that look like that, and are none.
  static let healthyPaths: [Fault] = [
    path(
      "healthy-pmtu", "the narrow link's router says what fits", to: "10.99.0.2", narrowLink(), passes: true),
    path(
      "healthy-proxy-arp", "docker02 stands in for a network behind it, and hands everything on",
      to: "172.22.16.130",
      network(
        (
          "docker02",
          """
          ip link add v0 type veth peer name v1 netns ${prefix}bbox2; ip link set v0 up
          ip route add 172.22.16.128/28 dev v0
          sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.v0.proxy_arp=1 net.ipv4.neigh.v0.proxy_delay=0
          sysctl -qw net.ipv4.conf.ens33.proxy_arp=1 net.ipv4.neigh.ens33.proxy_delay=0
          """
        ),
        (
          "bbox2",
          "ip link set eth0 down; ip link set v1 up; ip address add 172.22.16.130/24 dev v1"
        )), passes: true),
    path(
      "healthy-redirect", "bbox1 was redirected to a router that answers", to: "10.99.0.1",
      network(
        ("switch", "sysctl -qw net.ipv4.ip_forward=1; ip route add 10.99.0.1/32 via 172.22.16.3"),
        ("docker02", "ip address add 10.99.0.1/32 dev lo"), ("bbox1", "ip route add default via 172.22.16.1")),
      passes: true),
    path(
      "healthy-host-firewall", "docker01 forbids pings from another network to bbox1", to: "172.22.16.20",
      network(("docker01", "iptables -A FORWARD -s 192.0.2.0/24 -d 172.22.16.10 -j DROP")), passes: true),
  ]

  private static func path(
    _ id: String, _ title: String, from: String = "bbox1", to: String, _ specification: LabSpecification,
    size: Int? = nil, variantOf: String? = nil, isFlawed: Bool = false, passes: Bool = false,
    cureBlocks: Bool = false
  ) -> Fault {
    var fault = Fault(
      id: id, title: title, from: from, to: to, passes: passes || isFlawed, specification: specification,
      variantOf: variantOf, isFlawed: isFlawed)
    fault.size = size
    fault.cureBlocks = cureBlocks
    return fault
  }

  /// Throws frames away that are longer than so many octets, with a classic BPF program at a port's ingress.
  static func drop(above octets: Int, _ port: String) -> String {
    "tc filter add dev \(port) ingress bpf da bytecode '4,128 0 0 0,37 0 1 \(octets),6 0 0 2,6 0 0 0'"
  }

  /// The switch routes to docker02 by a second link, on which packets have at most 1400 octets.
  private static func narrowLink(_ steps: (String, String)...) -> LabSpecification {
    var specification = LabSpecification()
    specification.setup =
      [
        LabStep(
          "switch",
          """
          ip link add v0 type veth peer name v1 netns ${prefix}docker02; ip link set v0 up mtu 1400
          ip address add 10.99.0.1/24 dev v0; sysctl -qw net.ipv4.ip_forward=1
          """),
        LabStep(
          "docker02",
          """
          ip link set v1 up mtu 1400; ip address add 10.99.0.2/24 dev v1
          ip route add 172.22.16.10/32 via 10.99.0.1
          """),
        LabStep("bbox1", "ip route add 10.99.0.0/24 via 172.22.16.1"),
      ] + steps.map { LabStep($0.0, $0.1) }
    return specification
  }

  /// In bbox3 the address is on an interface behind eth0, which frames are handed to as to a virtual machine's.
  private static var guest: LabSpecification {
    pair(
      (
        "bbox3",
        """
        mac=$(ip -br link show eth0 | grep -o '..:..:..:..:..:..')
        ip address flush dev eth0; sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
        ip link add g0 type veth peer name g1; sysctl -qw net.ipv6.conf.g0.disable_ipv6=1
        ip link set g1 address $mac; ip link set g0 up; ip link set g1 up
        ip address add 172.22.16.30/24 dev g1; ip -6 address add fd16::30/64 dev g1 nodad
        for pair in 'eth0 g0' 'g0 eth0'; do set -- $pair
          tc qdisc add dev $1 clsact
          tc filter add dev $1 ingress protocol all u32 match u32 0 0 action mirred egress redirect dev $2
        done
        """
      ),
      ("bbox1", "ip -6 address add fd16::10/64 dev eth0 nodad"))
  }

  /// docker01's interface is a bridge over the cable, with bbox1 on it.
  private static var bridged: LabSpecification {
    network(
      (
        "docker01",
        """
        ip netns exec ${prefix}bbox1 ip link delete eth0
        ip link set ens33 down; ip link set ens33 name uplink; ip address flush dev uplink; ip link set uplink up
        ip link add ens33 type bridge; ip link set uplink master ens33; ip link set ens33 up
        ip address add 172.22.16.2/24 dev ens33; sysctl -qw net.bridge.bridge-nf-call-iptables=1
        ip link add link ens33 name eth0 netns ${prefix}bbox1 type macvlan mode bridge
        iptables -t raw -A PREROUTING -p icmp -j DROP
        """
      ),
      ("bbox1", "ip address add 172.22.16.10/24 dev eth0; ip link set eth0 up"))
  }

  /// Answers nobody in particular: a BOOTP reply that gives 172.22.16.10 away, four times a second.
  private static let dhcpServer = """
    python3 -c 'import socket,time
    s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET,socket.SO_BROADCAST,1)
    s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); s.bind(("172.22.16.1",67))
    head=bytes([2,1,6,0])+bytes(12); his=bytes([172,22,16,10]); mac=bytes([2,0,0,0,0,0x77])
    packet=head+his+bytes(8)+mac+bytes(10)+bytes(192)+bytes([99,130,83,99,53,1,5,255])
    for n in range(240): s.sendto(packet,("255.255.255.255",68)); time.sleep(0.25)
    ' >/dev/null 2>&1 </dev/null &
    """
}
