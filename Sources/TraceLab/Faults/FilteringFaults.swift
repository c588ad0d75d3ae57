import Netlink

extension Fault {
  /// Faults of packet filters, services and resources.
  static let filtering: [Fault] = [
    Fault(
      id: "container-firewall", title: "bbox3's own firewall lets nothing in", from: "bbox1",
      to: "172.22.16.30", passes: false,
      specification: filtered("bbox3", inputPolicy("drop", "ct state established,related accept"))),
    variant(
      of: "container-firewall", "rule", "one rule of bbox3 drops a port, with iptables",
      specification: filtered(
        "bbox3", server("0.0.0.0"), "iptables -A INPUT -p tcp --dport 8080 -j DROP"), port: 8080),
    variant(
      of: "container-firewall", "reject", "a rule of bbox3 refuses pings",
      specification: filtered("bbox3", inputPolicy("accept", "icmp type echo-request reject"))),
    variant(
      of: "container-firewall", "tcp-reset",
      "a rule of bbox3 answers a port with a reset, as if nobody listened",
      specification: filtered(
        "bbox3", server("0.0.0.0"), inputPolicy("accept", "tcp dport 8080 reject with tcp reset")), port: 8080
    ),
    variant(
      of: "container-firewall", "answers", "bbox1's own firewall lets no answers in",
      specification: filtered("bbox1", inputPolicy("drop", "iifname lo accept"))),
    variant(
      of: "container-firewall", "output", "bbox1's own firewall lets no pings out",
      specification: filtered("bbox1", "iptables -P OUTPUT DROP")),
    variant(
      of: "container-firewall", "subchain", "a rule in a chain of its own drops what bbox3 sends back",
      specification: filtered(
        "bbox3", "iptables -N STRICT", "iptables -A OUTPUT -j STRICT", "iptables -A STRICT -p icmp -j DROP")),
    variant(
      of: "container-firewall", "raw", "a rule of bbox1's table raw, which is before connection tracking",
      specification: filtered("bbox1", "iptables -t raw -A OUTPUT -p icmp -j DROP")),
    variant(
      of: "container-firewall", "raw-answers", "a rule of bbox1's table raw drops the answers",
      specification: filtered("bbox1", "iptables -t raw -A PREROUTING -p icmp -j DROP")),
    variant(
      of: "container-firewall", "mangle", "a rule of bbox3's table mangle drops a port",
      specification: filtered(
        "bbox3", server("0.0.0.0"), "iptables -t mangle -A PREROUTING -p tcp --dport 8080 -j DROP"),
      port: 8080),
    variant(
      of: "container-firewall", "device", "a chain of bbox1's own interface drops the answers",
      specification: filtered(
        "bbox1", "nft add table netdev edge",
        "nft 'add chain netdev edge in { type filter hook ingress device eth0 priority 0; }'",
        "nft add rule netdev edge in ip protocol icmp drop")),
    variant(
      of: "container-firewall", "device-egress", "a chain of bbox1's own interface drops what leaves",
      specification: filtered(
        "bbox1", "nft add table netdev edge",
        "nft 'add chain netdev edge out { type filter hook egress device eth0 priority 0; }'",
        "nft add rule netdev edge out ip protocol icmp drop")),
    Fault(
      id: "host-firewall", title: "docker02 pings docker01, whose firewall lets nothing in", from: "docker02",
      to: "172.22.16.2", passes: false,
      specification: filtered("docker01", inputPolicy("drop", "ct state established accept"))),
    variant(
      of: "host-firewall", "output", "docker01's own firewall lets no pings out", from: "docker01",
      to: "172.22.16.3", specification: filtered("docker01", "iptables -A OUTPUT -p icmp -j DROP")),
    Fault(
      id: "fw-forward-drop", title: "bbox3 routes between two networks and filters what it forwards",
      from: "bbox1", to: "10.9.0.40", passes: false,
      specification: routed(
        LabStep("bbox3", forwardPolicy("drop", "ip saddr 10.9.0.0/24 accept")))),
    Fault(
      id: "docker-set-forward-drop", title: "the same, and Docker's start closed the FORWARD chain",
      from: "bbox1", to: "10.9.0.40", passes: false,
      specification: routed(
        LabStep(
          "bbox3",
          "iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; "
            + "iptables -A FORWARD -j DOCKER-USER"))),
    Fault(
      id: "conntrack-invalid", title: "answers come by a firewall that never saw the requests", from: "bbox1",
      to: "10.9.0.40", passes: false,
      specification: routed(
        LabStep("bbox1", "ip route replace 10.9.0.0/24 dev eth0"),
        LabStep("bbox3", forwardPolicy("accept", "ct state invalid drop")))),
    Fault(
      id: "foreign-bpf-drop", title: "a filter on docker01's ens33 drops what leaves", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(
        (
          "docker01",
          "tc qdisc add dev ens33 clsact; tc filter add dev ens33 egress bpf da bytecode '1,6 0 0 2'"
        ))),
    Fault(
      id: "qdisc-drop", title: "a queue on bbox1's eth0 is shorter than a packet", from: "bbox1",
      to: "172.22.16.20", passes: false,
      specification: network(("bbox1", "tc qdisc add dev eth0 root bfifo limit 10"))),
    Fault(
      id: "registry-on-own-macvlan", title: "docker01 asks for the registry in its own container bbox1",
      from: "docker01", to: "172.22.16.10", passes: false,
      specification: filtered("bbox1", server("0.0.0.0", port: 5000)), port: 5000),
    Fault(
      id: "port-publish-ignored",
      title: "docker02 asks docker01 for the port on which its container bbox1 listens",
      from: "docker02", to: "172.22.16.2", passes: false, specification: filtered("bbox1", server("0.0.0.0")),
      port: 8080),
    Fault(
      id: "no-listener", title: "nobody listens on bbox3's port 8080", from: "bbox1", to: "172.22.16.30",
      passes: false, specification: siblings(.bridge, .bridge), port: 8080),
    variant(
      of: "no-listener", "loopback", "bbox3's program listens on 127.0.0.1 alone",
      specification: filtered("bbox3", "ip link set lo up", server("127.0.0.1")), port: 8080),
    Fault(
      id: "kernel-drop", title: "an IPsec policy of bbox3 blocks pings", from: "bbox1", to: "172.22.16.30",
      passes: false,
      specification: filtered(
        "bbox3", "ip xfrm policy add dir in src 172.22.16.10 dst 172.22.16.30 action block")),
    Fault(
      id: "icmp-ignored", title: "bbox3 is set to ignore pings", from: "bbox1", to: "172.22.16.30",
      passes: false, specification: filtered("bbox3", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")),
  ]

  /// Networks with filters that let the traffic pass.
  static let healthyFilters: [Fault] = [
    Fault(
      id: "healthy-firewall", title: "bbox3's firewall lets pings in and nothing else", from: "bbox1",
      to: "172.22.16.30", passes: true,
      specification: filtered(
        "bbox3", inputPolicy("drop", "ct state established,related accept", "icmp type echo-request accept"))),
    Fault(
      id: "healthy-service", title: "the same for one port, on which a program listens", from: "bbox1",
      to: "172.22.16.30", passes: true,
      specification: filtered(
        "bbox3", server("0.0.0.0"),
        inputPolicy("drop", "ct state established,related accept", "tcp dport 8080 accept")), port: 8080),
    Fault(
      id: "healthy-forward-firewall", title: "bbox3 routes, and its filter lets pings and their answers pass",
      from: "bbox1", to: "10.9.0.40", passes: true,
      specification: routed(
        LabStep(
          "bbox3",
          forwardPolicy("drop", "ct state established,related accept", "icmp type echo-request accept")))),
    Fault(
      id: "healthy-foreign-bpf", title: "a filter on docker01's ens33 lets everything pass", from: "bbox1",
      to: "172.22.16.20", passes: true,
      specification: network(
        (
          "docker01",
          "tc qdisc add dev ens33 clsact; tc filter add dev ens33 egress bpf da bytecode '1,6 0 0 0'"
        ))),
  ]

  /// A variant between bbox1 and bbox3 where nothing else is said.
  private static func variant(
    of cause: String, _ name: String, _ title: String, from: String = "bbox1", to: String = "172.22.16.30",
    specification: LabSpecification, port: UInt16? = nil
  ) -> Fault {
    Fault(
      id: "\(cause)-\(name)", title: title, from: from, to: to, passes: false, specification: specification,
      port: port, variantOf: cause)
  }

  /// bbox1 and bbox3 on docker01, with commands run in one namespace.
  private static func filtered(_ name: String, _ commands: String...) -> LabSpecification {
    var specification = siblings(.bridge, .bridge)
    specification.setup = commands.map { LabStep(name, $0) }
    return specification
  }

  /// bbox3 as a router between bbox1 and bbox4, which is in a network of its own on the same parent.
  static func routed(_ steps: LabStep...) -> LabSpecification {
    var specification = siblings(.bridge, .bridge)
    specification.add("bbox4", host: 0, "10.9.0.40/24", .bridge)
    specification.setup =
      [
        LabStep(
          "bbox3",
          "ip link add link eth0 name eth1 type macvlan mode bridge; ip address add 10.9.0.1/24 dev eth1; "
            + "ip link set eth1 up; echo 1 > /proc/sys/net/ipv4/ip_forward"),
        LabStep("bbox1", "ip route add 10.9.0.0/24 via 172.22.16.30"),
        LabStep("bbox4", "ip route add default via 10.9.0.1"),
      ] + steps
    return specification
  }

  private static func inputPolicy(_ policy: String, _ rules: String...) -> String {
    chain("input", policy, rules)
  }

  private static func forwardPolicy(_ policy: String, _ rules: String...) -> String {
    chain("forward", policy, rules)
  }

  private static func chain(_ hook: String, _ policy: String, _ rules: [String]) -> String {
    ([
      "nft add table inet filter",
      "nft 'add chain inet filter \(hook) { type filter hook \(hook) priority 0; policy \(policy); }'",
    ]
      + rules.map { "nft add rule inet filter \(hook) \($0)" }).joined(separator: "; ")
  }

  /// Has a program listen for a minute, and waits until it does.
  private static func server(_ address: String, port: UInt16 = 8080) -> String {
    let program =
      "import socket,time; s=socket.create_server((\"\(address)\",\(port))); time.sleep(60)"
    let digits = String(port, radix: 16, uppercase: true)
    let pattern = ":\(String(repeating: "0", count: 4 - digits.count))\(digits) "
    return "timeout 60 python3 -c '\(program)' >/dev/null 2>&1 & "
      + "for i in $(seq 100); do grep -q '\(pattern)' /proc/self/net/tcp && exit 0; sleep 0.1; done; exit 1"
  }
}
