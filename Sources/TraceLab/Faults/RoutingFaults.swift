import Netlink

extension Fault {
  /// Faults of routes, and of the settings that have to do with them.
  static let routing: [Fault] = [
    Fault(
      id: "gateway-missing", title: "bbox1 has no default route and pings beyond its network", from: "bbox1",
      to: "10.99.0.1", passes: false,
      specification: network(beyondSwitch, ("docker01", "ip route add default via 172.22.16.1"))),
    Fault(
      id: "gateway-nonexistent", title: "bbox1's default route leads to a router that does not exist",
      from: "bbox1", to: "10.99.0.1", passes: false,
      specification: network(
        beyondSwitch, ("docker01", "ip route add default via 172.22.16.1"),
        ("bbox1", "ip route add default via 172.22.16.254"))),
    Fault(
      id: "wrong-netmask", title: "bbox1 has a /16 where the network is a /24", from: "bbox1",
      to: "172.22.17.5", passes: false,
      specification: network(
        (
          "switch",
          "ip address add 172.22.17.5/32 dev lo; sysctl -qw net.ipv4.conf.br0.arp_ignore=1"
        ),
        (
          "bbox1",
          """
          ip address add 172.22.16.10/16 dev eth0; ip address delete 172.22.16.10/24 dev eth0
          ip route add default via 172.22.16.1
          """
        ))),
    Fault(
      id: "no-return-route", title: "bbox1 of another subnet pings bbox3, which has no route back",
      from: "bbox1",
      to: "172.22.16.30", passes: false,
      specification: pair(("bbox1", otherSubnet))),
    Fault(
      id: "default-route-other-net", title: "the same, and bbox3's default route leads by another network",
      from: "bbox1", to: "172.22.16.30", passes: false,
      specification: pair(
        ("bbox1", otherSubnet),
        (
          "bbox3",
          secondNetwork + "ip route add default via 10.1.1.1; sysctl -qw net.ipv4.conf.all.rp_filter=0"
        ))),
    Fault(
      id: "asymmetric-path", title: "the same with a route of its own instead of the default route",
      from: "bbox1",
      to: "172.22.16.30", passes: false,
      specification: pair(
        ("bbox1", otherSubnet),
        (
          "bbox3",
          secondNetwork + "ip route add 10.5.0.0/24 via 10.1.1.1; sysctl -qw net.ipv4.conf.all.rp_filter=0"
        ))),
    Fault(
      id: "rp-filter-strict", title: "bbox3 has two interfaces on the network, and filters strictly",
      from: "bbox1",
      to: "172.22.16.31", passes: false,
      specification: twoInterfaces(
        """
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=1
        sysctl -qw net.ipv4.conf.all.arp_ignore=1
        """)),
    Fault(
      id: "arp-filter", title: "the same with arp_filter", from: "bbox1", to: "172.22.16.31", passes: false,
      specification: twoInterfaces(
        """
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
        sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.eth1.arp_filter=1
        """)),
    Fault(
      id: "blackhole-route", title: "bbox3 has a blackhole route for bbox1", from: "bbox1",
      to: "172.22.16.30",
      passes: false, specification: pair(("bbox3", "ip route add blackhole 172.22.16.10/32"))),
    Fault(
      id: "policy-rule", title: "a routing rule of bbox3 forbids to send to bbox1", from: "bbox1",
      to: "172.22.16.30", passes: false,
      specification: pair(("bbox3", "ip rule add to 172.22.16.10 priority 100 prohibit"))),
    Fault(
      id: "ip-forward-0", title: "bbox1 uses bbox3 as its router, which does not forward", from: "bbox1",
      to: "10.99.0.1", passes: false,
      specification: router(beyond: "ip route add default via 172.22.16.1", forwards: false)),
    Fault(
      id: "router-no-route", title: "the same; it forwards and has no route", from: "bbox1", to: "10.99.0.1",
      passes: false,
      specification: router(
        beyond: "true", forwards: true, ("docker01", "ip route add default via 172.22.16.1"))),
    Fault(
      id: "router-egress-down", title: "the same; its interface in the other network is down", from: "bbox1",
      to: "10.99.0.1", passes: false, specification: egressDown),
    Fault(
      id: "ttl-loop", title: "bbox3 and the switch take each other for the way", from: "bbox1",
      to: "10.98.0.1",
      passes: false,
      specification: router(
        beyond: "ip route add default via 172.22.16.1", forwards: true,
        ("switch", "sysctl -qw net.ipv4.ip_forward=1; ip route add 10.98.0.0/24 via 172.22.16.30"))),
    Fault(
      id: "ipv6-ra-hijack", title: "bbox1 believes a router advertisement", from: "bbox1", to: "fd99::1",
      passes: false,
      specification: network(
        ("switch", "ip -6 address add fd16::1/64 dev br0 nodad; ip -6 address add fd99::1/128 dev lo nodad"),
        (
          "bbox1",
          """
          ip -6 address add fd16::10/64 dev eth0 nodad; ip -6 route add default via fd16::1
          ip -6 route add default via fe80::bad dev eth0 proto ra metric 100
          """
        ))),
    Fault(
      id: "router-no-route-beyond", title: "the switch is bbox1's router and has no route", from: "bbox1",
      to: "10.97.0.1", passes: false,
      specification: network(
        ("switch", "sysctl -qw net.ipv4.ip_forward=1"), ("bbox1", "ip route add default via 172.22.16.1")),
      variantOf: "router-no-route"),
    Fault(
      id: "gateway-nonexistent-ipv6", title: "bbox1's IPv6 default route leads to nobody", from: "bbox1",
      to: "fd99::1", passes: false,
      specification: network(
        (
          "bbox1", "ip -6 address add fd16::10/64 dev eth0 nodad; ip -6 route add default via fd16::254"
        )),
      variantOf: "gateway-nonexistent"),
    Fault(
      id: "policy-rule-table", title: "a routing rule of bbox1 has packets looked up in a wrong table",
      from: "bbox1", to: "172.22.16.20", passes: false,
      specification: network(
        (
          "bbox1",
          "ip route add default via 172.22.16.254 table 100; ip rule add to 172.22.16.20 priority 50 lookup 100"
        )),
      variantOf: "policy-rule"),
    Fault(
      id: "policy-rule-back",
      title: "a routing rule of bbox3 has its answers looked up in a table that ends in lo",
      from: "bbox1", to: "172.22.16.30", passes: false,
      specification: pair(
        (
          "bbox3",
          "ip route add default dev lo table 99; ip rule add from 172.22.16.30 priority 99 lookup 99"
        )),
      variantOf: "policy-rule"),
    Fault(
      id: "policy-rule-lo",
      title: "a routing rule of bbox1 has its packets looked up in a table that ends in lo",
      from: "bbox1", to: "172.22.16.20", passes: false,
      specification: network(
        (
          "bbox1",
          "ip route add default dev lo table 99; ip rule add to 172.22.16.20 priority 99 lookup 99"
        )),
      variantOf: "policy-rule", isSeenPassively: false),
    Fault(
      id: "policy-rule-interface", title: "the same; the table leads out of another interface", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        (
          "bbox1",
          secondNetwork
            + "ip route add default dev v0 table 99; ip rule add to 172.22.16.20 priority 99 lookup 99"
        )),
      variantOf: "policy-rule", isSeenPassively: false),
    Fault(
      id: "wrong-netmask-long", title: "bbox1 has a /28 where the network is a /24", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        ("bbox1", "ip address add 172.22.16.10/28 dev eth0; ip address delete 172.22.16.10/24 dev eth0")),
      variantOf: "wrong-netmask"),
  ]

  /// Networks that look like faults of routing, and are none.
  static let healthyRouting: [Fault] = [
    Fault(
      id: "healthy-gateway", title: "bbox1 pings beyond its network, by a router that exists", from: "bbox1",
      to: "10.99.0.1", passes: true,
      specification: network(beyondSwitch, ("bbox1", "ip route add default via 172.22.16.1"))),
    Fault(
      id: "healthy-router", title: "bbox1 uses bbox3 as its router, which forwards", from: "bbox1",
      to: "10.99.0.1",
      passes: true, specification: router(beyond: "ip route add default via 172.22.16.1", forwards: true)),
    Fault(
      id: "healthy-policy", title: "bbox3 has routing rules of its own, and they lead right", from: "bbox1",
      to: "172.22.16.30", passes: true,
      specification: pair(
        (
          "bbox3",
          "ip rule add from 172.22.16.30 priority 100 lookup 100; ip route add 172.22.16.0/24 dev eth0 table 100"
        ))),
    Fault(
      id: "healthy-strict", title: "bbox3 filters strictly, and nothing is amiss", from: "bbox1",
      to: "172.22.16.30", passes: true,
      specification: pair(
        ("bbox3", "sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.all.arp_ignore=2"))),
  ]

  /// A network behind the switch, which is its router.
  private static let beyondSwitch = ("switch", "ip address add 10.99.0.1/32 dev lo")
  /// Has bbox1 ask with an address of another subnet.
  private static let otherSubnet = """
    ip address flush dev eth0; ip address add 10.5.0.10/24 dev eth0; ip route add 172.22.16.0/24 dev eth0
    """
  /// Gives a namespace an interface in another network.
  private static let secondNetwork = """
    ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip address add 10.1.1.2/24 dev v0

    """

  /// bbox1 and bbox3 on docker01, with that done to it.
  static func pair(_ steps: (String, String)...) -> LabSpecification {
    var specification = siblings(.bridge, .bridge)
    specification.setup = steps.map { LabStep($0.0, $0.1) }
    return specification
  }

  /// The same, and bbox3 has a second interface on the network, eth1 with 172.22.16.31.
  static func twoInterfaces(_ settings: String) -> LabSpecification {
    pair(
      ("docker01", "ip link add link ens33 name eth1 netns ${prefix}bbox3 type macvlan mode bridge"),
      ("bbox3", "ip address add 172.22.16.31/24 dev eth1; ip link set eth1 up\n" + settings))
  }

  /// The same with one interface, and bbox1 uses it as its router.
  private static func router(beyond command: String, forwards: Bool, _ step: (String, String)? = nil)
    -> LabSpecification
  {
    var specification = pair(
      beyondSwitch, ("bbox1", "ip route add default via 172.22.16.30"),
      (
        "bbox3",
        command + "; sysctl -qw net.ipv4.ip_forward=\(forwards ? 1 : 0) net.ipv4.conf.all.send_redirects=0"
      ))
    if let step { specification.setup.append(LabStep(step.0, step.1)) }
    return specification
  }

  /// bbox3 is the router to a network on its second interface, which is down.
  private static var egressDown: LabSpecification {
    pair(
      ("docker01", "ip link add link ens33 name eth1 netns ${prefix}bbox3 type macvlan mode bridge"),
      ("switch", "ip address add 10.99.0.1/24 dev br0"),
      ("bbox1", "ip route add default via 172.22.16.30"),
      ("bbox3", "ip address add 10.99.0.2/24 dev eth1; sysctl -qw net.ipv4.ip_forward=1"))
  }
}
