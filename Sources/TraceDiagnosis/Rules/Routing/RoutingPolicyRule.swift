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
        [one.wayBack, state(rule, one.receiver)], fixes(rule, one.receiver, context)
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
            "a routing rule of \(detour.interface.label) sends packets for \(detour.target) \(detour.way)",
          subjects: [detour.interface.id.description, detour.target.description],
          evidence: detour.evidence + [state(detour.rule, detour.interface)],
          fixes: fixes(detour.rule, detour.interface, context)))
    }
    return .findings(findings, explaining: explained)
  }

  private static func state(_ rule: RoutingRule, _ interface: Interface) -> Evidence {
    Evidence(.state, "\(interface.namespace) has the routing rule `\(words(rule))`")
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

/// Packets of an asker that a rule sends elsewhere than its main table would.
private struct Detour {
  var interface: Interface
  var target: IPAddress
  var rule: RoutingRule
  var attempts: [Attempt]
  /// `to 172.22.16.254 (table 100)`.
  var way: String
  var evidence: [Evidence]
  var isProven: Bool

  static func all(_ context: DiagnosisContext) -> [Detour] {
    gateways(context) + refused(context)
  }

  /// A next hop that a table of a rule's own alone names, and that does not answer.
  private static func gateways(_ context: DiagnosisContext) -> [Detour] {
    context.failures.compactMap { attempt in
      guard attempt.kind == .resolution, let namespace = context.namespace(of: attempt.asker),
        let interface = context.asker(attempt.asker)
      else { return nil }
      let routes = context.routes(by: attempt.target, in: namespace)
      guard let table = routes.first?.table, routes.allSatisfy({ $0.table != 254 && $0.table != 253 }),
        let rule = context.state(namespace)?.routingRules.first(where: { !$0.isOrdinary && $0.table == table }
        )
      else { return nil }
      // Only where the main table would have led elsewhere.
      let probed = context.observation.routeLookups.first {
        $0.namespace == namespace && $0.route?.table == table && $0.route?.gateway == attempt.target
      }?.destination
      let main = probed.map { context.route(to: $0, in: namespace) }
      if probed != nil, main == .some(nil) { return nil }
      let gap = context.gap(at: [context.parentIn, context.parentOut], [attempt])
      return Detour(
        interface: interface, target: probed ?? attempt.target, rule: rule, attempts: [attempt],
        way: "to \(attempt.target), which does not answer",
        evidence: [
          Evidence(.trajectory, "\(attempt.summary) left \(interface.label), and nobody answered"),
          Evidence(
            .state,
            "\(attempt.target) is the next hop of table \(table) alone"
              + (main.flatMap { $0 }.map { "; the main table would have led by `\($0.destination)`" } ?? "")),
        ] + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
        isProven: gap == nil)
    }
  }

  /// What the asker's own kernel refuses to send.
  private static func refused(_ context: DiagnosisContext) -> [Detour] {
    guard let run = context.observation.probeRun, !run.works, let target = run.to.address,
      let lookup = context.lookup(of: run), let error = lookup.error, let interface = context.sender(of: run),
      let rule = context.routingRule(
        from: run.from.address, to: target, in: interface.id.namespace, table: nil)
    else { return [] }
    return [
      Detour(
        interface: interface, target: target, rule: rule, attempts: [], way: "nowhere",
        evidence: [Evidence(.state, "\(run.from.label)'s kernel, asked for its way to \(target): \(error)")],
        isProven: true)
    ]
  }
}
