import TraceModel

/// `vepa-no-reflective-relay`: the switch does not return frames to VEPA children.
enum VEPANoReflectiveRelay: Rule {
  static let card = RuleCard(
    id: "vepa-no-reflective-relay", title: "the switch does not return frames to VEPA children",
    severity: .error,
    explanation: """
      Children in VEPA mode send everything to the switch, also what is for a sibling, and rely on it to send that back \
      (reflective relay, IEEE 802.1Qbg). An ordinary switch port does not. VEPA is what `ip link` makes when no mode \
      is given.
      """,
    proof: """
      The frame left the parent, no copy came back, and the sibling got nothing; both are in VEPA mode.
      """,
    fix: """
      Put both children into bridge mode. Or have the switch return frames on this port (hairpin; reflective \
      relay, IEEE 802.1Qbg).
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    SiblingIsolation.findings(
      Self.self, context, because: "VEPA mode, and the switch does not return frames",
      fix: { one in
        [
          SiblingIsolation.bridgeFix(context, one),
          Fix("Have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg)."),
        ]
      },
      where: { $0.from.mode == .vepa && $0.to.mode == .vepa && !$0.returned })
  }
}
