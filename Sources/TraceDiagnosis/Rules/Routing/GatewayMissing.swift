import NetworkAddresses
import TraceModel

/// `gateway-missing`: who asks has no default route.
enum GatewayMissing: Rule {
  static let card = RuleCard(
    id: "gateway-missing", title: "no default route", severity: .error,
    explanation: """
      The target is in no network of who asks, and it has no default route: its own kernel refuses to send (network is \
      unreachable), and nothing leaves. Docker gives a macvlan network without `--gateway` none.
      """,
    proof: """
      The kernel of who asks, asked for the way, has none (ENETUNREACH), and there is no default route in that \
      namespace; or it counted packets without a route while it was observed.
      """,
    fix:
      "Give it the router of its network as default route (with Docker: `docker network create --gateway`).")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var told: Set<UInt64> = []
    if let run = context.observation.probeRun, !run.works, let target = run.to.address,
      let lookup = context.lookup(of: run), let error = lookup.error, error == "ENETUNREACH",
      let sender = context.sender(of: run), context.downSender == nil,
      NarrowNetmask.reference(sender, target, context) == nil,
      !context.hasDefaultRoute(target, in: sender.id.namespace),
      context.routingRule(from: run.from.address, to: target, in: sender.id.namespace, table: nil) == nil,
      context.route(to: target, in: sender.id.namespace) == nil
    {
      told.insert(sender.id.namespace)
      findings.append(
        finding(
          .proven, title: "\(run.from.label) has no route to \(target)",
          subjects: [sender.id.description, target.description],
          evidence: [
            Evidence(
              .state, "\(run.from.label)'s kernel, asked for its way to \(target): there is none (\(error))"),
            Evidence(.state, "it has no default route; nothing left \(sender.label)"),
          ] + counted(sender.id.namespace, target.isIPv4, context),
          fixes: fixes(sender, target.isIPv4, context)))
    }
    return .findings(findings + silent(context, told))
  }

  /// What a child's own kernel refused to send while nobody probed: counted, and seen by nobody.
  ///
  /// Over IPv6 that is no sign: whoever has an address of this site alone tries it first, and goes on with IPv4.
  private static func silent(_ context: DiagnosisContext, _ told: Set<UInt64>) -> [Finding] {
    var done = told
    let answering = Set(Unanswering.all(context).map(\.receiver.id.namespace))
    return context.topology.children.compactMap { child in
      let namespace = child.id.namespace
      guard child.up, !context.isInHostNamespace(child),
        let first = child.addresses.first(where: { $0.address.isIPv4 }),
        !context.hasDefaultRoute(first.address, in: namespace), !answering.contains(namespace),
        !context.isProbed(namespace), let count = context.increase("Ip.OutNoRoutes", in: namespace),
        count > 0,
        context.state(namespace)?.routingRules.allSatisfy(\.isOrdinary) ?? true,
        context.topology.namespace(namespace)?.routes.contains(where: {
          $0.gateway != nil || $0.type == "throw"
        }) == false,
        NarrowNetmask.widest(child, isIPv4: true, context) == nil, done.insert(namespace).inserted
      else { return nil }
      return finding(
        .proven, title: "\(child.label) has no default route, and tried to send beyond its network",
        subjects: [child.id.description],
        evidence: counted(namespace, true, context) + [Evidence(.state, "it has no default route")],
        fixes: fixes(child, true, context))
    }
  }

  private static func counted(_ namespace: UInt64, _ isIPv4: Bool, _ context: DiagnosisContext) -> [Evidence]
  {
    let counter = isIPv4 ? "Ip.OutNoRoutes" : "Ip6OutNoRoutes"
    guard let count = context.increase(counter, in: namespace), count > 0 else { return [] }
    return [Evidence(.counter, "\(counter) rose by \(count) there: packets that its kernel refused to send")]
  }

  private static func fixes(_ sender: Interface, _ isIPv4: Bool, _ context: DiagnosisContext) -> [Fix] {
    let gateway = context.usualGateway(of: sender, forIPv4: isIPv4)
    let commands = Commands(context: context)
    return [
      gateway.map {
        Fix(
          "Give it the default route that others on its network have.",
          commands: [commands.route("add", "default", isIPv4: isIPv4, via: $0, sender)])
      }
        ?? Fix(
          "Give it a default route by the router of its network: "
            + commands.inside(sender, "ip \(isIPv4 ? "" : "-6 ")route add default via ROUTER")),
      Fix("With Docker, make the network anew with `docker network create --gateway ROUTER ...`."),
    ]
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let lookup = context.lookup(of: run), let route = lookup.route else { return nil }
    return route.gateway.map { "\(run.from.label) has a route, by \($0)" }
      ?? "\(run.from.label) reaches \(run.to.label) directly, without a router"
  }
}

extension DiagnosisContext {
  /// Whether a probe that found its way was sent from the namespace: what its kernel refused is told by that.
  func isProbed(_ namespace: UInt64) -> Bool {
    guard let run = observation.probeRun else { return false }
    return run.from.namespace == namespace
  }
}
