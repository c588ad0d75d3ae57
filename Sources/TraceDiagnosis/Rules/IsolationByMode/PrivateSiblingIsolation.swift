import TraceModel

/// `private-sibling-isolation`: private mode keeps siblings apart.
enum PrivateSiblingIsolation: Rule {
  static let card = RuleCard(
    id: "private-sibling-isolation", title: "private mode keeps siblings apart", severity: .error,
    explanation: """
      A macvlan child in private mode gets nothing from other children of its parent, not even what a switch sends back.
      """,
    proof: """
      A frame left one child and never reached the other, although both are up on one parent; one of them is private.
      """,
    fix: """
      Put both children into bridge mode: `ip link set dev eth0 type macvlan mode bridge`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    SiblingIsolation.findings(
      Self.self, context, because: "private mode forbids it",
      fix: { [SiblingIsolation.bridgeFix(context, $0)] },
      where: { $0.from.mode == .private || $0.to.mode == .private })
  }
}
