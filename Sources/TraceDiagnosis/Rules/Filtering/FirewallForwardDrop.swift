import TraceModel

/// `fw-forward-drop`: the router between the two filters what it forwards.
enum FirewallForwardDrop: Rule {
  static let card = RuleCard(
    id: "fw-forward-drop", title: "the router's firewall drops what it should forward", severity: .error,
    explanation: """
      The packet reached a router on this machine, which was to pass it on, and its packet filter for forwarded \
      packets dropped it. Routing itself is in order.
      """,
    proof: """
      The kernel freed the packet in the router's namespace with the packet filter as its reason, and the packet \
      was neither from that namespace nor for it.
      """,
    fix: "Add an exception to the router's forward chain, for both directions.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter { $0.place == .forward }
    return FilterFindings.outcome(
      Self.self, context, cases, owner: { "the forward filter of \(FilterFindings.name($0, context))" })
  }
}
