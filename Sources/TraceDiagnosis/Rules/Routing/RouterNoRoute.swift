import NetworkAddresses
import TraceModel

/// `router-no-route`: the router does not know the network.
enum RouterNoRoute: Rule {
  static let card = RuleCard(
    id: "router-no-route", title: "the router has no route", severity: .error,
    explanation: """
      The packets reach the router, and it has no route to their destination: it drops them and tells the sender that the \
      network is unreachable (ICMP type 3 code 0).
      """,
    proof: """
      The router said so itself; or the packets came in there, none left it, and its kernel, asked for the way, has none.
      """,
    fix: "Give the router a route to the network, or bring up the interface that leads there.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<String> = []
    for transit in StuckAtRouter.all(context) where transit.egress == nil {
      explained.append(transit.transit.attempt)
      let router = transit.transit.router
      guard told.insert("\(router.id.namespace) \(transit.transit.attempt.target)").inserted else { continue }
      findings.append(
        finding(
          .proven, title: "\(router.label) has no route to \(transit.transit.attempt.target)",
          subjects: [router.id.description, transit.transit.attempt.target.description],
          evidence: transit.evidence(context), fixes: fixes(router, transit.transit.attempt.target, context)))
    }
    for refusal in refusals(context) {
      guard !explained.contains(where: { $0.key == refusal.attempt.key }) else { continue }
      explained.append(refusal.attempt)
      guard told.insert("\(refusal.router) \(refusal.attempt.target)").inserted else { continue }
      findings.append(
        finding(
          refusal.isOnlyOne ? .proven : .likely,
          title: "the router \(refusal.router) has no route to \(refusal.attempt.target)",
          subjects: [refusal.router.description, refusal.attempt.target.description],
          evidence: [
            Evidence(
              .trajectory,
              "\(refusal.attempt.summary) left \(context.parent.name); \(refusal.router) answered \(refusal.count) times that "
                + "the network is unreachable")
          ]
            + (refusal.isOnlyOne
              ? [] : [Evidence(.state, "missing for proof: the asker tries several targets in vain")]),
          fixes: [
            Fix(
              "On the router \(refusal.router): give it a route to \(refusal.attempt.target), or bring up the interface that "
                + "leads there (`ip route get \(refusal.attempt.target)` there).")
          ]))
    }
    return .findings(findings, explaining: explained)
  }

  private struct Refusal {
    var attempt: Attempt
    var router: IPAddress
    var count: Int
    var isOnlyOne: Bool
  }

  /// What routers said: network unreachable (RFC 792), no route to destination (RFC 4443).
  private static func refusals(_ context: DiagnosisContext) -> [Refusal] {
    let tried = context.failures.filter {
      $0.kind != .resolution && $0.unanswered.contains { $0.passed(context.parentOut) }
    }
    return tried.compactMap { attempt in
      let said = context.observation.sightings.filter { sighting in
        guard sighting.hook == context.parentIn, sighting.time >= attempt.start, let ip = sighting.frame.ip,
          ip.destination == attempt.source, ip.source != attempt.target,
          case .icmp(let type, let code, _, _) = ip.transport
        else { return false }
        return ip.destination.isIPv4 ? type == 3 && [0, 6].contains(code) : type == 1 && code == 0
      }
      guard let router = said.last?.frame.ip?.source else { return nil }
      let others = Set(tried.filter { $0.source == attempt.source }.map(\.target))
      return Refusal(attempt: attempt, router: router, count: said.count, isOnlyOne: others.count == 1)
    }
  }

  private static func fixes(_ router: Interface, _ target: IPAddress, _ context: DiagnosisContext) -> [Fix] {
    guard let gateway = context.usualGateway(of: router, forIPv4: target.isIPv4),
      !context.hasDefaultRoute(target, in: router.id.namespace)
    else { return [Fix("Give \(router.label) a route to \(target).")] }
    return [
      Fix(
        "Give it the default route that others beside it have.",
        commands: [
          Commands(context: context).route("add", "default", isIPv4: target.isIPv4, via: gateway, router)
        ])
    ]
  }
}

/// Packets at a router of this host that forwards, and has no way for them.
struct StuckAtRouter {
  var transit: Transit
  var error: String
  /// The interface that is down and has the target's network.
  var egress: Interface?

  static func all(_ context: DiagnosisContext) -> [StuckAtRouter] {
    Transit.all(context).compactMap { transit in
      let namespace = transit.router.id.namespace
      guard transit.forwards(context) == true, !context.isMisaddressed(transit),
        let error = context.lookup(to: transit.attempt.target, in: namespace)?.error
      else { return nil }
      let egress = context.topology.interfaces.first { interface in
        interface.id.namespace == namespace && !interface.up
          && interface.addresses.contains { $0.contains(transit.attempt.target) }
      }
      return StuckAtRouter(transit: transit, error: error, egress: egress)
    }
  }

  func evidence(_ context: DiagnosisContext) -> [Evidence] {
    let namespace = transit.router.id.namespace
    let counter = transit.attempt.target.isIPv4 ? "IpExt.InNoRoutes" : "Ip6InNoRoutes"
    let count = context.increase(counter, in: namespace) ?? 0
    return transit.evidence(context) + [
      Evidence(.state, "its kernel, asked for its way to \(transit.attempt.target): there is none (\(error))")
    ] + (count > 0 ? [Evidence(.counter, "\(counter) rose by \(count) there")] : [])
  }
}
