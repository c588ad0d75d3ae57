import TraceModel

/// `parent-no-carrier`: the parent interface has no carrier.
enum ParentNoCarrier: Rule {
  static let card = RuleCard(
    id: "parent-no-carrier", title: "the parent interface has no carrier", severity: .error,
    explanation: """
      The parent is up and has no link: no cable, a peer that is down, or a switch port that is disabled. None of its \
      children can send or receive.
      """,
    proof: """
      The parent is up without a carrier and a child's frames died before they left it.
      """,
    fix: """
      Check the cable, the peer and the switch port; in a virtual machine, that its network adapter is connected.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parent.up, !context.parent.carrier, !BPDUGuard.isCause(context) else {
      return .findings([])
    }
    return .findings(
      ParentState.findings(
        Self.self, context, title: "\(context.parent.label) has no carrier",
        state: "\(context.parent.label) is up and has no carrier",
        fixes: [
          Fix(
            "Check the cable and the switch port of \(context.parent.name); in a virtual machine, that its network "
              + "adapter is connected.")
        ]))
  }
}
