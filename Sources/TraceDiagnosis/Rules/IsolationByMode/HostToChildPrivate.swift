import NetworkAddresses
import TraceModel

/// `host-to-child-private`: the host and its macvlan child in private mode do not hear each other.
enum HostToChildPrivate: Rule {
  static let card = RuleCard(
    id: "host-to-child-private",
    title: "the host and its macvlan child in private mode do not hear each other", severity: .error,
    explanation: """
      A macvlan parent and its children never hear each other inside the host: frames between the two leave on the \
      wire. In private mode children do not hear each other either.
      """,
    proof: """
      The request was seen leaving the parent and never reached the other; the child is in private mode.
      """,
    fix: """
      Put the child into bridge mode, then give the host a macvlan interface of its own on the same parent and route the \
      container through it. Or have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg).
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, mode: .private, direction: nil)
  }
}
