import Testing
import TraceLab
import TraceModel

/// A change of the network on trunks, and what has to be found between its VLANs 10 and 20.
struct VerifyScenario: Sendable {
  let name: String
  /// A namespace and a shell command in it, each.
  let change: [(String, String)]
  /// Takes it back.
  let undo: [(String, String)]
  let there: VLANVerdict
  let back: VLANVerdict
  /// The claims from 10 to 20 that must fail, and their causes; `*`: any.
  let failing: [Int: String]

  private init(
    _ name: String, _ change: [(String, String)], undo: [(String, String)], _ there: VLANVerdict,
    _ back: VLANVerdict, _ failing: [Int: String]
  ) {
    self.name = name
    self.change = change
    self.undo = undo
    self.there = there
    self.back = back
    self.failing = failing
  }

  /// Changes the lab, verifies it, compares, and takes the change back.
  func expect(_ lab: Lab) throws {
    try Self.run(change, in: lab)
    let verified = Result { try Verified(lab) }
    try Self.run(undo, in: lab)
    let found = try verified.get()
    let context = "\(name):\n\(found.text)"
    #expect(try found.path(10, 20).verdict == there, "\(context)")
    #expect(try found.path(20, 10).verdict == back, "\(context)")
    let failing = try found.failing(10, 20)
    #expect(Set(failing.keys) == Set(self.failing.keys), "\(context)")
    for (number, cause) in self.failing where cause != "*" {
      #expect(failing[number] == cause, "claim \(number) of \(context)")
    }
    let isFine = there == .routed && back == .routed && self.failing.values.allSatisfy(Self.warns)
    #expect(found.status == (isFine ? 0 : 1), "\(context)")
  }

  /// Flaws that are no errors.
  private static func warns(_ cause: String) -> Bool { cause == "nat-hides-source" }

  static func run(_ steps: [(String, String)], in lab: Lab) throws {
    for (namespace, command) in steps {
      let result = try lab.run(["sh", "-ec", command], in: namespace)
      #expect(result.status == 0, "\(command): \(result.output)")
    }
    // What was known before must be asked anew.
    for name in ["bbox10", "bbox21", "router"] {
      _ = try lab.run(["ip", "neighbor", "flush", "all"], in: name)
    }
  }

  private static func all(_ cause: String, _ numbers: Int...) -> [Int: String] {
    Dictionary(uniqueKeysWithValues: numbers.map { ($0, cause) })
  }

  static let routing: [VerifyScenario] = [
    VerifyScenario("working", [], undo: [], .routed, .routed, [:]),
    VerifyScenario(
      "forwarding off", [("router", "sysctl -qw net.ipv4.ip_forward=0")],
      undo: [("router", "sysctl -qw net.ipv4.ip_forward=1")], .blocked, .blocked,
      all("ip-forward-0", 5, 14, 18, 21)),
    VerifyScenario(
      "FORWARD drop", [("router", "iptables -P FORWARD DROP")],
      undo: [("router", "iptables -P FORWARD ACCEPT")], .blocked, .blocked,
      all("fw-forward-drop", 5, 14, 18, 21)),
    VerifyScenario(
      "ACL for one protocol", [("router", "iptables -A FORWARD -p tcp -j DROP")],
      undo: [("router", "iptables -F FORWARD")], .routed, .routed, all("fw-forward-drop", 18)),
    VerifyScenario(
      "leg missing", [("router", "ip address del 172.16.20.1/24 dev r0.20")],
      undo: [("router", "ip address add 172.16.20.1/24 dev r0.20")], .blocked, .blocked,
      all("router-no-route", 5, 14, 18, 21)),
    VerifyScenario(
      "no return route", [("bbox21", "ip route del default")],
      undo: [("bbox21", "ip route add default via 172.16.20.1")], .routed, .blocked,
      all("no-return-route", 8, 14, 18)),
    VerifyScenario(
      "wrong gateway on one side", [("bbox10", "ip route replace default via 172.16.10.99")],
      undo: [("bbox10", "ip route replace default via 172.16.10.1")], .blocked, .routed,
      all("gateway-nonexistent", 2, 4, 14, 18)),
  ]

  static let trunks: [VerifyScenario] = [
    VerifyScenario(
      "VID missing on docker01's port", [("switch", "bridge vlan del dev port1 vid 10")],
      undo: [("switch", "bridge vlan add dev port1 vid 10")], .blocked, .blocked,
      all("vlan-missing-on-trunk", 2, 4, 14, 18)),
    VerifyScenario(
      "VID missing on the router's port", [("switch", "bridge vlan del dev port3 vid 20")],
      undo: [("switch", "bridge vlan add dev port3 vid 20")], .blocked, .blocked,
      all("vlan-missing-on-trunk", 5, 14, 18)),
    VerifyScenario(
      "PVID mismatch", [("switch", "bridge vlan add dev port1 vid 10 pvid untagged")],
      undo: [("switch", "bridge vlan del dev port1 vid 10; bridge vlan add dev port1 vid 10")], .blocked,
      .blocked,
      all("native-pvid-mismatch", 2, 4, 14, 18)),
    VerifyScenario(
      "leak",
      [
        (
          "router",
          "ip link add leak type bridge; ip link set leak up; for v in 10 20; do ip link set r0.$v master leak; done"
        )
      ], undo: [("router", "ip link delete leak")], .leaked, .leaked,
      all("vlan-l2-leak", 5, 14, 15, 18)),
  ]

  static let router: [VerifyScenario] = [
    VerifyScenario(
      "masquerading", [("router", "iptables -t nat -A POSTROUTING -o r0.20 -j MASQUERADE")],
      undo: [("router", "iptables -t nat -F")], .routed, .routed, all("nat-hides-source", 6)),
    VerifyScenario(
      "strict reverse path filter",
      [
        (
          "router",
          "ip route add 172.16.10.10/32 dev r0.20; sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.r0/10.rp_filter=1"
        )
      ],
      undo: [
        (
          "router",
          "ip route del 172.16.10.10/32; sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.r0/10.rp_filter=0"
        )
      ], .blocked, .blocked, all("rp-filter-strict", 2, 4, 14, 18)),
    VerifyScenario(
      "proxy ARP", [("router", "sysctl -qw net.ipv4.conf.r0/10.proxy_arp=1")],
      undo: [("router", "sysctl -qw net.ipv4.conf.r0/10.proxy_arp=0")], .routed, .routed,
      all("proxy-arp-hijack", 15)),
    VerifyScenario(
      "a narrow link, in silence",
      [
        (
          "router",
          "iptables -A FORWARD -m length --length 1401:65535 -j DROP"
        )
      ], undo: [("router", "iptables -F FORWARD")], .routed, .routed, [17: "*"]),
    VerifyScenario(
      "a narrow link, said aloud", [("router", "ip link set r0.20 mtu 1400")],
      undo: [("router", "ip link set r0.20 mtu 1500")], .routed, .routed, [:]),
  ]
}
