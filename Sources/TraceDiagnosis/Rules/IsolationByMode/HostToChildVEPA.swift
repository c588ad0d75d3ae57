import NetworkAddresses
import TraceModel

/// `host-to-child-vepa`: the host and its macvlan child in vepa mode do not hear each other.
enum HostToChildVEPA: Rule {
  static let card = RuleCard(
    id: "host-to-child-vepa", title: "the host and its macvlan child in vepa mode do not hear each other",
    severity: .error,
    explanation: """
      A macvlan parent and its children never hear each other inside the host: frames between the two leave on the \
      wire. VEPA mode relies on a switch port that returns frames (reflective relay); this one does not.
      """,
    proof: """
      The request was seen leaving the parent and never reached the other; the child is in vepa mode.
      """,
    fix: """
      Have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg), which is what VEPA mode is made \
      for. Or put the child into bridge mode, then give the host a macvlan interface of its own and route the container \
      through it.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    HostChildIsolation.findings(Self.self, context, mode: .vepa, direction: nil)
  }
}
