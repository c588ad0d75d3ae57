import NetworkAddresses
import TraceModel

/// `host-to-child-source`: the host and its macvlan child in source mode do not hear each other.
enum HostToChildSource: Rule {
  static let card = RuleCard(
    id: "host-to-child-source", title: "the host and its macvlan child in source mode do not hear each other",
    severity: .error,
    explanation: """
      A macvlan parent and its children never hear each other inside the host: frames between the two leave on the \
      wire. In source mode a child hears only the senders on its list, and never its own host, not even through a switch \
      that returns frames.
      """,
    proof: """
      The request was seen leaving the parent and never reached the other; the child is in source mode.
      """,
    fix: """
      Put the child into bridge mode, then give the host a macvlan interface of its own on the same parent and route the \
      container through it. A switch that returns frames does not help in source mode.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, mode: .source, direction: nil)
  }
}
