import NetworkAddresses
import TraceModel

/// `ipv6-ra-hijack`: a router advertisement's default route wins over the one that was configured.
enum IPv6RAHijack: Rule {
  static let card = RuleCard(
    id: "ipv6-ra-hijack", title: "a router advertisement took the default route over", severity: .error,
    explanation: """
      Somebody on the segment advertises itself as an IPv6 router. The interface believes it, and its default route wins \
      over the one that was configured; what goes by it does not arrive.
      """,
    proof: """
      The kernel's way is a default route that a router advertisement made, beside one that was configured; its next hop \
      was asked for in vain, or packets that were handed to it are not answered.
      """,
    fix: "Delete the route and set accept_ra to 0 on the interface; find who advertises.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    for attempt in context.failures where !attempt.target.isIPv4 {
      guard let asker = context.asker(attempt.asker), let route = advertised(attempt, asker, context) else {
        continue
      }
      explained.append(attempt)
      guard told.insert(asker.id).inserted else { continue }
      let gap = context.gap(at: [context.parentIn, context.parentOut], [attempt])
      let gateway = route.gateway.map(\.description) ?? "?"
      let commands = Commands(context: context)
      findings.append(
        finding(
          gap == nil ? .proven : .likely,
          title: "\(asker.label) sends by \(gateway), which advertised itself as a router",
          subjects: [asker.id.description, gateway],
          evidence: [
            Evidence(.trajectory, "\(attempt.summary) left \(asker.label), and nobody answered"),
            Evidence(
              .state,
              "its default route by \(gateway) was made by a router advertisement (proto ra, metric \(route.metric)) and "
                + "wins over a configured one"),
          ] + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
          fixes: [
            Fix(
              "Delete the route and believe no advertisement any more; find who advertises.",
              commands: [
                commands.set("accept_ra", to: 0, of: asker, isIPv4: false),
                commands.inside(
                  asker,
                  "ip -6 route delete default via \(gateway) dev \(Commands.quoted(asker.name))"
                    + (route.metric > 0 ? " metric \(route.metric)" : "")),
              ])
          ]))
    }
    return .findings(findings, explaining: explained)
  }

  /// The advertised default route that the attempt goes by, where a configured one stands beside it.
  private static func advertised(_ attempt: Attempt, _ asker: Interface, _ context: DiagnosisContext)
    -> RouteEntry?
  {
    let defaults = (context.topology.namespace(asker.id.namespace)?.routes ?? []).filter {
      $0.destination.length == 0 && !$0.destination.address.isIPv4 && $0.table == 254 && $0.gateway != nil
    }
    guard let route = defaults.first(where: { $0.origin == "ra" && $0.interface == asker.id }),
      defaults.contains(where: {
        $0.origin != "ra" && $0.gateway != route.gateway && $0.metric >= route.metric
      })
    else { return nil }
    if attempt.kind == .resolution { return attempt.target == route.gateway ? route : nil }
    let way = context.lookup(to: attempt.target, in: asker.id.namespace)?.route
    return way?.gateway == route.gateway ? route : nil
  }
}
