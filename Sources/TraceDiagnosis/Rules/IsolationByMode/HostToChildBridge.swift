import NetworkAddresses
import TraceModel

/// `host-to-child-bridge`: the host cannot reach its own macvlan child.
enum HostToChildBridge: Rule {
  static let card = RuleCard(
    id: "host-to-child-bridge", title: "the host cannot reach its own macvlan child", severity: .error,
    explanation: """
      A macvlan parent and its children never hear each other inside the host: what the host sends to the child leaves \
      on the wire, and a switch does not send a frame back through the port where it came in. The container is fine, \
      and so is the network: this is how macvlan works.
      """,
    proof: """
      The request was seen leaving the parent, did not come back, and never reached the child, which is up, in bridge \
      mode, and on this parent.
      """,
    fix: """
      Give the host a macvlan interface of its own on the same parent, in bridge mode, and route the containers through it. \
      Or have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg), or put containers that \
      the host must reach on a bridge network, or on another VLAN through the router.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, mode: .bridge, direction: .egress)
  }
}
