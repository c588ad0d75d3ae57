import TraceModel

/// `host-firewall`: the parent's own namespace filters what is for it, or what it sends.
enum HostFirewall: Rule {
  static let card = RuleCard(
    id: "host-firewall", title: "this host's firewall drops it", severity: .error,
    explanation: """
      The packet was for this host itself, or from it, and this host's own packet filter dropped it. What macvlan \
      children send and receive does not come by these rules.
      """,
    proof: """
      The kernel freed the packet in the parent's namespace with the packet filter as its reason.
      """,
    fix: "Add an exception to this host's rules.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter {
      $0.place != .forward && $0.dropped.namespace == context.parent.id.namespace
    }
    return FilterFindings.outcome(Self.self, context, cases, owner: { _ in "this host's firewall" })
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    let host = context.parent.id.namespace
    guard run.to.namespace == host || run.from.namespace == host, context.isComplete else { return nil }
    return "this host's packet filter freed no packet of the probe"
  }
}
