import NetworkAddresses
import TraceModel

/// A failed attempt whose tries came in at the namespace that has the target's address, and no answer left it.
struct Unanswering {
  /// Why no answer left, as far as routes and settings of that namespace tell.
  enum Cause {
    case arpOff
    case arpIgnore(Int)
    case arpFilter
    case strictReversePath
    case noRoute
    case blackhole(RouteEntry)
    case rule(RoutingRule)
    /// It leaves by another interface, which was not observed, because the default route leads there.
    case defaultRouteElsewhere
    /// It leaves by another interface, which was not observed.
    case otherInterface
  }

  var attempt: Attempt
  /// Where the tries came in: the interface that has the address, if it heard them.
  var receiver: Interface
  var tries: [Trajectory]
  /// By which way the kernel would answer.
  var back: RouteLookup?

  /// Those of an observation.
  static func all(_ context: DiagnosisContext) -> [Unanswering] {
    context.failures.flatMap { attempt in
      context.topology.namespaces.compactMap { namespace in
        namespace.localAddresses.contains(attempt.target)
          && context.namespace(of: attempt.asker) != namespace.id
          ? one(attempt, namespace.id, context) : nil
      }
    }
  }

  private static func one(_ attempt: Attempt, _ namespace: UInt64, _ context: DiagnosisContext)
    -> Unanswering?
  {
    let own = context.topology.interfaces.filter {
      $0.id.namespace == namespace && !context.isTakenByPassthru($0.id)
    }
    let heard = own.filter { interface in
      attempt.unanswered.contains { hears($0, interface, context) }
    }
    guard let receiver = heard.first(where: { $0.owns(attempt.target) }) ?? heard.first else { return nil }
    let answered = context.observation.sightings.contains {
      $0.time >= attempt.start && $0.hook.direction == .egress && $0.hook.interface.namespace == namespace
        && attempt.isAnswered(by: $0.frame)
    }
    guard !answered else { return nil }
    return Unanswering(
      attempt: attempt, receiver: receiver,
      tries: attempt.unanswered.filter { hears($0, receiver, context) },
      back: context.lookup(to: attempt.source, from: attempt.target, in: namespace))
  }

  private static func hears(_ trajectory: Trajectory, _ interface: Interface, _ context: DiagnosisContext)
    -> Bool
  {
    guard let seen = trajectory.first(at: Hook(interface.id, .ingress)) else { return false }
    if interface.id == context.parent.id, context.subinterface(of: seen.frame.outerTag) != nil {
      return false
    }
    return seen.frame.destination.isMulticast || seen.frame.destination == interface.mac
  }

  /// Why no answer left; `nil` where neither routes nor settings say.
  func cause(_ context: DiagnosisContext) -> Cause? {
    let isARP = attempt.kind == .resolution && attempt.target.isIPv4
    if isARP, receiver.isMute { return .arpOff }
    if isARP, let value = ignored(context) { return .arpIgnore(value) }
    // Without an answer to ARP there is none to echo requests either, but by another cause.
    if attempt.kind == .echo, context.setting("ipv4/icmp_echo_ignore_all", in: receiver.id.namespace) == "1",
      attempt.target.isIPv4
    {
      return nil
    }
    guard let back else { return nil }
    let namespace = receiver.id.namespace
    if back.error != nil {
      // Without strict reverse path filtering ARP is answered whether or not there is a way back.
      if let rule = context.routingRule(
        from: attempt.target, to: attempt.source, in: namespace, table: nil)
      {
        return .rule(rule)
      }
      let route = context.route(to: attempt.source, in: namespace)
      if let route, ["blackhole", "unreachable", "prohibit"].contains(route.type) {
        return .blackhole(route)
      }
      if isARP, context.highest("rp_filter", of: receiver) != 1 { return nil }
      return .noRoute
    }
    guard let route = back.route, let way = route.interface, way != receiver.id else { return nil }
    // Packets to a sibling interface of the same namespace stay inside.
    if route.type == "local" { return nil }
    if route.table != 254, route.table != 253,
      context.route(to: attempt.source, in: namespace)?.interface == receiver.id,
      let rule = context.routingRule(
        from: attempt.target, to: attempt.source, in: namespace, table: route.table), !isARP
    {
      return .rule(rule)
    }
    if attempt.target.isIPv4, context.highest("rp_filter", of: receiver) == 1 { return .strictReversePath }
    if isARP { return context.highest("arp_filter", of: receiver) == 1 ? .arpFilter : nil }
    if attempt.kind == .resolution || context.interface(way) != nil { return nil }
    return context.route(to: attempt.source, in: namespace, table: route.table)?.destination.length == 0
      ? .defaultRouteElsewhere : .otherInterface
  }

  /// The value of arp_ignore that keeps this request from being answered (arp_ignore in net/ipv4/arp.c).
  private func ignored(_ context: DiagnosisContext) -> Int? {
    guard let value = context.highest("arp_ignore", of: receiver) else { return nil }
    let owned = receiver.addresses.filter { $0.address == attempt.target }
    switch value {
    case 1: return owned.isEmpty ? 1 : nil
    case 2: return owned.contains { $0.contains(attempt.source) } ? nil : 2
    case 4...8: return value == 8 ? 8 : nil
    default: return nil
    }
  }

  /// What may be missing of the proof.
  func gap(_ context: DiagnosisContext) -> String? {
    context.gap(at: [Hook(receiver.id, .ingress), Hook(receiver.id, .egress)], [attempt])
  }

  /// What was seen, as evidence.
  func evidence(_ context: DiagnosisContext) -> [Evidence] {
    let noun = attempt.kind.noun(attempt.target)
    return [
      Evidence(
        .trajectory,
        "\(tries.count) \(noun)\(tries.count == 1 ? "" : "s") of \(attempt.source) came in at \(receiver.label), and no "
          + "answer left it")
    ] + context.dropEvidence(attempt)
  }

  /// Who handed the request over, where that was not the asker itself: the router on the receiver's network.
  func router(_ context: DiagnosisContext) -> IPAddress? {
    guard let mac = tries.compactMap({ $0.first(at: Hook(receiver.id, .ingress)) }).last?.frame.source else {
      return nil
    }
    let said = context.observation.sightings.compactMap(\.frame.arp).last {
      $0.senderMAC == mac && !$0.senderAddress.isUnspecified
    }?.senderAddress
    let known = context.topology.namespace(receiver.id.namespace)?.neighbors.last {
      $0.mac == mac && $0.address.isIPv4 == attempt.source.isIPv4
    }?.address
    return said ?? known
  }
}

extension Unanswering {
  /// One finding for each receiver whose silence has that cause, and the attempts that it explains.
  static func outcome<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, where matches: (Cause) -> Bool,
    _ describe: (Unanswering, Cause) -> (title: String, evidence: [Evidence], fixes: [Fix])
  ) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    for one in all(context) {
      guard let cause = one.cause(context), matches(cause) else { continue }
      explained += context.failures.filter {
        $0.target == one.attempt.target && $0.source == one.attempt.source
      }
      guard told.insert(one.receiver.id).inserted else { continue }
      let gap = one.gap(context)
      let text = describe(one, cause)
      var evidence = one.evidence(context) + text.evidence
      if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
      findings.append(
        R.finding(
          gap == nil ? .proven : .likely, title: text.title,
          subjects: [
            one.receiver.id.description, one.attempt.source.description, one.attempt.target.description,
          ], evidence: evidence, fixes: text.fixes))
    }
    return .findings(findings, explaining: explained)
  }

  /// What the kernel said of the way back, as evidence.
  var wayBack: Evidence {
    let answer =
      back?.error.map { "there is none (\($0))" }
      ?? back?.route.map { "it leads by interface number \($0.interface?.ifindex ?? 0)" } ?? "unknown"
    return Evidence(.state, "\(receiver.label)'s kernel, asked for its way to \(attempt.source): \(answer)")
  }
}
