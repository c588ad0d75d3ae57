import TraceModel

/// `parent-down`: the parent interface is down.
enum ParentDown: Rule {
  static let card = RuleCard(
    id: "parent-down", title: "the parent interface is down", severity: .error,
    explanation: """
      While the parent is administratively down none of its children can send or receive, whatever their own state.
      """,
    proof: """
      The parent is down and a child's frames died before they left it, or this host's own kernel, asked to send by it, \
      refused.
      """,
    fix: """
      Set the parent up: `ip link set ens33 up`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard !context.parent.up, !ParentMovedNetns.isElsewhere(context) else { return .findings([]) }
    return .findings(
      ParentState.findings(
        Self.self, context, title: "\(context.parent.label) is down",
        state: "\(context.parent.label) is administratively down",
        fixes: [
          Fix(
            "Set the parent up.",
            commands: ["ip link set \(Commands.quoted(context.parent.name)) up"])
        ]))
  }
}
