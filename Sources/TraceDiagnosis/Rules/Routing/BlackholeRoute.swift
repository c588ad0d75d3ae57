import NetworkAddresses
import TraceModel

/// `blackhole-route`: a route says that packets go nowhere.
enum BlackholeRoute: Rule {
  static let card = RuleCard(
    id: "blackhole-route", title: "a route leads nowhere on purpose", severity: .error,
    explanation: """
      A route of type blackhole, unreachable or prohibit matches: the kernel drops what it would send there. Somebody \
      put it there to block a network; it also keeps answers from being sent.
      """,
    proof: """
      The packets did not get further than the namespace with the route; its kernel, asked for the way, refuses with \
      that type's error, and the most specific route that matches is of that type.
      """,
    fix: "Delete the route, or add a more specific one.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var explained: [Attempt] = []
    var findings: [Finding] = []
    let answering = Unanswering.outcome(
      Self.self, context, where: { if case .blackhole = $0 { true } else { false } }
    ) { one, cause in
      guard case .blackhole(let route) = cause else { return ("", [], []) }
      return (
        "\(one.receiver.label) has a \(route.type) route for \(one.attempt.source)",
        [one.wayBack, state(route, one.receiver)], fixes(route, one.receiver, context)
      )
    }
    if case .findings(let found, let attempts, _) = answering {
      findings += found
      explained += attempts
    }
    for transit in Transit.all(context) {
      guard let route = refusal(to: transit.attempt.target, in: transit.router.id.namespace, context) else {
        continue
      }
      explained.append(transit.attempt)
      findings.append(
        finding(
          .proven, title: "\(transit.router.label) has a \(route.type) route for \(transit.attempt.target)",
          subjects: [transit.router.id.description, transit.attempt.target.description],
          evidence: transit.evidence(context) + [state(route, transit.router)],
          fixes: fixes(route, transit.router, context)))
    }
    if let run = context.observation.probeRun, !run.works, let target = run.to.address,
      let namespace = run.from.namespace, let route = refusal(to: target, in: namespace, context),
      let child = context.sender(of: run)
    {
      findings.append(
        finding(
          .proven, title: "\(run.from.label) has a \(route.type) route for \(target)",
          subjects: [child.id.description, target.description],
          evidence: [
            Evidence(
              .state,
              "\(run.from.label)'s kernel, asked for its way to \(target): \(error(to: target, in: namespace, context))"
            ),
            state(route, child),
          ], fixes: fixes(route, child, context)))
    }
    return .findings(findings, explaining: explained)
  }

  private static func error(to target: IPAddress, in namespace: UInt64, _ context: DiagnosisContext) -> String
  {
    context.lookup(to: target, in: namespace)?.error ?? "none"
  }

  /// The route by which a kernel refuses to send to an address.
  private static func refusal(to target: IPAddress, in namespace: UInt64, _ context: DiagnosisContext)
    -> RouteEntry?
  {
    guard context.lookup(to: target, in: namespace)?.error != nil,
      context.routingRule(from: nil, to: target, in: namespace, table: nil) == nil,
      let route = context.route(to: target, in: namespace),
      ["blackhole", "unreachable", "prohibit"].contains(route.type)
    else { return nil }
    return route
  }

  private static func state(_ route: RouteEntry, _ interface: Interface) -> Evidence {
    Evidence(
      .state,
      "the most specific route of \(interface.namespace) that matches is `\(route.type) \(route.destination)`"
    )
  }

  private static func fixes(_ route: RouteEntry, _ interface: Interface, _ context: DiagnosisContext) -> [Fix]
  {
    let family = route.destination.address.isIPv4 ? "" : "-6 "
    return [
      Fix(
        "Delete the route, if nobody needs it.",
        commands: [
          Commands(context: context).inside(
            interface,
            "ip \(family)route delete \(route.type) \(route.destination)\(route.metric > 0 ? " metric \(route.metric)" : "")"
          )
        ])
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let lookup = context.lookup(of: run), lookup.error == nil else { return nil }
    return "\(run.from.label)'s kernel has a way to \(run.to.label)"
  }
}
