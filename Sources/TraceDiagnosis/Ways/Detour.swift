import NetworkAddresses
import TraceModel

/// Packets of an asker that a rule sends elsewhere than its main table would.
struct Detour {
  var interface: Interface
  var target: IPAddress
  var rule: RoutingRule
  var attempts: [Attempt]
  /// `to 172.22.16.254 (table 100)`.
  var way: String
  var evidence: [Evidence]
  var isProven: Bool

  static func all(_ context: DiagnosisContext) -> [Detour] {
    gateways(context) + refused(context) + elsewhere(context)
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
  /// What a rule's table leads out of another interface than the main table would, and does not get through there.
  private static func elsewhere(_ context: DiagnosisContext) -> [Detour] {
    DetouredPacket.all(context).compactMap { packet in
      guard
        let lookup = context.lookup(to: packet.destination, from: packet.source, in: packet.namespace),
        let route = lookup.route, !(253...255).contains(route.table), route.type == "unicast",
        let way = route.interface,
        let rule = context.routingRule(
          from: packet.source, to: packet.destination, in: packet.namespace, table: route.table),
        let main = context.route(to: packet.destination, in: packet.namespace), main.interface != way,
        let interface = context.sender(in: packet.namespace, owning: packet.source)
      else { return nil }
      // A second interface on the target's own network does as well.
      if !way.isLoopback, route.gateway == nil,
        context.interface(way)?.addresses.contains(where: { $0.contains(packet.destination) }) == true
      {
        return nil
      }
      let attempts = context.failures.filter { attempt in
        context.namespace(of: attempt.asker) == packet.namespace
          && (attempt.target == packet.destination || attempt.target == route.gateway)
      }
      let gap =
        !context.isComplete
        ? "some frames were not recorded"
        : way.isLoopback || main.gateway == nil
          ? nil : "an answer by the main table's way: its router may not know \(packet.destination) either"
      let (name, other) = (context.name(way), main.interface.map(context.name) ?? "several interfaces")
      return Detour(
        interface: interface, target: packet.destination, rule: rule, attempts: attempts,
        way: "out of \(name)",
        evidence: [
          Evidence(
            .state,
            "\(FilterFindings.name(packet.namespace, context))'s kernel, asked for its way from \(packet.source) to \(packet.destination): by \(name), of "
              + "table \(route.table); the main table would have led by \(other)")
        ] + packet.evidence + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
        isProven: gap == nil)
    }
  }
}
