import NetworkAddresses
import TraceModel

/// `gateway-nonexistent`: nobody has the address that the route names as next hop.
enum GatewayNonexistent: Rule {
  static let card = RuleCard(
    id: "gateway-nonexistent", title: "the gateway does not exist", severity: .error,
    explanation: """
      The route leads by a next hop that nobody on the segment has as its address: nothing that goes by it gets \
      further. Docker takes the first address of a subnet as gateway where none was named.
      """,
    proof: """
      The next hop of a route was asked for on the wire and nobody answered, while other machines were heard, and no \
      known interface has the address.
      """,
    fix: "Name the network's real router as the gateway.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    for one in context.unansweredResolutions() {
      let namespace = one.asker.id.namespace
      let routes = context.routes(by: one.attempt.target, in: namespace)
      guard let route = routes.max(by: { $0.destination.length > $1.destination.length }) else { continue }
      explained.append(one.attempt)
      findings.append(
        finding(
          one.missing == nil ? .proven : .likely,
          title: "\(one.asker.label)'s gateway \(one.attempt.target) does not exist",
          subjects: [one.asker.id.description, one.attempt.target.description],
          evidence: one.evidence(context) + [
            Evidence(
              .state,
              "\(one.attempt.target) is the next hop of \(one.asker.namespace)'s route to "
                + (route.destination.length == 0 ? "everywhere (default)" : "\(route.destination)"))
          ], fixes: fixes(one, route, context)))
    }
    return .findings(findings, explaining: explained)
  }

  private static func fixes(_ one: UnansweredResolution, _ route: RouteEntry, _ context: DiagnosisContext)
    -> [Fix]
  {
    let isIPv4 = one.attempt.target.isIPv4
    let destination = route.destination.length == 0 ? "default" : "\(route.destination)"
    let general = Fix(
      "Check that the router is up and has \(one.attempt.target) on this segment; with Docker, make the network anew with "
        + "the real router: `docker network create --gateway ROUTER ...`.")
    guard let gateway = context.usualGateway(of: one.asker, forIPv4: isIPv4, but: one.attempt.target),
      !one.asker.owns(gateway)
    else { return [general] }
    let commands = Commands(context: context)
    // IPv6 keeps both routes where one is to replace another of the same metric.
    let change =
      isIPv4 && route.metric == 0
      ? [commands.route("replace", destination, isIPv4: true, via: gateway, one.asker)]
      : [
        commands.route(
          "delete", destination, isIPv4: isIPv4, via: one.attempt.target, one.asker),
        commands.route("add", destination, isIPv4: isIPv4, via: gateway, one.asker),
      ]
    return [Fix("Use the router that others on this network use: \(gateway).", commands: change), general]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let gateway = context.lookup(of: run)?.route?.gateway, let namespace = run.from.namespace,
      let entry = context.topology.namespace(namespace)?.neighbors.first(where: { $0.address == gateway }),
      entry.state.isResolved, let mac = entry.mac
    else { return nil }
    return "the gateway \(gateway) answers: it is at \(mac)"
  }
}
