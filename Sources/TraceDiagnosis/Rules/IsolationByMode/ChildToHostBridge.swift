import NetworkAddresses
import TraceModel

/// `child-to-host-bridge`: a macvlan child cannot reach its own host.
enum ChildToHostBridge: Rule {
  static let card = RuleCard(
    id: "child-to-host-bridge", title: "a macvlan child cannot reach its own host", severity: .error,
    explanation: """
      A macvlan child and its parent never hear each other inside the host: what the child sends to the host leaves on \
      the wire below the host, and a switch does not send a frame back through the port where it came in.
      """,
    proof: """
      The request was seen leaving the child and the parent, did not come back, and the host never answered.
      """,
    fix: """
      Give the host a macvlan interface of its own on the same parent, in bridge mode, and route the containers through it. \
      Or have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg), or put containers that \
      must reach their host on a bridge network, or on another VLAN through the router.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, mode: .bridge, direction: .ingress)
  }
}
