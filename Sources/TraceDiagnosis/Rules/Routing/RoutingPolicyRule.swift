import NetworkAddresses
import TraceModel

/// `policy-rule`: a routing rule sends packets another way than the main table would.
enum RoutingPolicyRule: Rule {
  static let card = RuleCard(
    id: "policy-rule", title: "a routing rule sends packets another way", severity: .error,
    explanation: """
      Before the kernel looks into its routing table it asks a list of rules (ip rule). One of them matches these \
      packets and refuses them, or has them looked up in a table of its own that leads somewhere else.
      """,
    proof: """
      The packets did not get further, or went where nobody answers; the kernel, asked for the way, follows the rule, \
      and its main table would have led elsewhere.
      """,
    fix: "Delete the rule, or correct the table that it names.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    let answering = Unanswering.outcome(
      Self.self, context, where: { if case .rule = $0 { true } else { false } }
    ) { one, cause in
      guard case .rule(let rule) = cause else { return ("", [], []) }
      return (
        "a routing rule of \(one.receiver.label) keeps its answers from \(one.attempt.source)",
        [one.wayBack, state(rule, one.receiver, context)], fixes(rule, one.receiver, context)
      )
    }
    if case .findings(let found, let attempts, _) = answering {
      findings += found
      explained += attempts
    }
    let detours = Detour.all(context)
    explained += detours.flatMap(\.attempts)
    var told: Set<UInt64> = []
    for detour in detours where told.insert(detour.interface.id.namespace).inserted {
      findings.append(
        finding(
          detour.isProven ? .proven : .likely,
          title:
            "a routing rule of \(FilterFindings.name(detour.interface.id.namespace, context)) sends packets for \(detour.target) \(detour.way)",
          subjects: [detour.interface.id.description, detour.target.description],
          evidence: detour.evidence + [state(detour.rule, detour.interface, context)],
          fixes: fixes(detour.rule, detour.interface, context)))
    }
    return .findings(findings, explaining: explained)
  }

  private static func state(_ rule: RoutingRule, _ interface: Interface, _ context: DiagnosisContext)
    -> Evidence
  {
    let name = FilterFindings.name(interface.id.namespace, context)
    return Evidence(.state, "\(name) has the routing rule `\(words(rule))`")
  }

  private static func words(_ rule: RoutingRule) -> String {
    var words = ["priority \(rule.priority)"]
    if rule.isInverted { words.append("not") }
    words.append("from \(rule.source.map(\.description) ?? "all")")
    if let destination = rule.destination { words.append("to \(destination)") }
    if let mark = rule.mark { words.append("fwmark \(mark)") }
    if let input = rule.inputInterface { words.append("iif \(Commands.quoted(input))") }
    if let output = rule.outputInterface { words.append("oif \(Commands.quoted(output))") }
    words.append(rule.action == "lookup" ? "lookup \(rule.table)" : rule.action)
    return words.joined(separator: " ")
  }

  private static func fixes(_ rule: RoutingRule, _ interface: Interface, _ context: DiagnosisContext) -> [Fix]
  {
    let family = rule.isIPv4 ? "" : "-6 "
    return [
      Fix(
        "Delete the rule, if nobody needs it; or correct the table that it names.",
        commands: [Commands(context: context).inside(interface, "ip \(family)rule delete \(words(rule))")])
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let namespace = run.from.namespace, let state = context.state(namespace) else { return nil }
    return state.routingRules.allSatisfy(\.isOrdinary) && !state.routingRules.isEmpty
      ? "\(run.from.label) has no routing rules of its own" : nil
  }
}
