import TraceModel

/// `sibling-mode-mismatch`: siblings in different modes do not hear each other.
enum SiblingModeMismatch: Rule {
  static let card = RuleCard(
    id: "sibling-mode-mismatch", title: "siblings in different modes do not hear each other",
    severity: .error,
    explanation: """
      Inside the host only children that are both in bridge mode hear each other. Otherwise a frame leaves on the wire, and the switch does \
      not send it back.
      """,
    proof: """
      A frame left one child and never reached the other, although both are up on one parent; they are not both in bridge mode, nor both in VEPA or private mode.
      """,
    fix: """
      Put both children into bridge mode: `ip link set dev eth0 type macvlan mode bridge`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    SiblingIsolation.findings(
      Self.self, context, because: "only two in bridge mode hear each other inside the host",
      fix: { [SiblingIsolation.bridgeFix(context, $0)] },
      where: { one in
        let modes = [one.from.mode, one.to.mode]
        // Source mode has no way inside the host either; what a switch returns is a matter of the list.
        let isSource = modes.contains(.source) && !one.returned
        return (one.from.mode != one.to.mode && one.to.mode != .source || isSource)
          && !modes.contains(.private) && !modes.contains(.passthru)
      })
  }
}
