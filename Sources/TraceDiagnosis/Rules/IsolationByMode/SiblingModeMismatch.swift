import TraceModel

/// `sibling-mode-mismatch`: siblings in different modes do not hear each other.
enum SiblingModeMismatch: Rule {
  static let card = RuleCard(
    id: "sibling-mode-mismatch", title: "siblings in different modes do not hear each other",
    severity: .error,
    explanation: """
      Inside the host only children that are both in bridge mode hear each other. With different modes a frame leaves on \
      the wire, and the switch does not send it back.
      """,
    proof: """
      A frame left one child and never reached the other, although both are up on one parent; their modes differ.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    SiblingIsolation.findings(
      Self.self, context, because: "their modes differ",
      fix: { [SiblingIsolation.bridgeFix(context, $0)] },
      where: { one in
        let modes = [one.from.mode, one.to.mode]
        return one.from.mode != one.to.mode && !modes.contains(.private) && !modes.contains(.passthru)
      })
  }
}
