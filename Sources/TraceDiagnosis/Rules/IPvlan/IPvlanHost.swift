import NetworkAddresses
import TraceModel

/// `ipvlan-host`: the host and its ipvlan child do not hear each other.
enum IPvlanHost: Rule {
  static let card = RuleCard(
    id: "ipvlan-host", title: "the host and its ipvlan child do not hear each other", severity: .error,
    explanation: """
      As with macvlan, what the host sends to an ipvlan child leaves on the wire, in every mode, and no switch sends it \
      back. The child has its parent's MAC address, so it is told apart by its IP address alone. The container is fine: \
      this is how ipvlan works.
      """,
    proof: """
      Requests between the host and the child left the parent and never reached the other; the child is an ipvlan child of \
      this parent.
      """,
    fix: """
      Give the host an ipvlan interface of its own on the same parent, in the same mode, and route the containers through \
      it.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, of: { $0.kind == .ipvlan }, direction: nil)
  }
}
