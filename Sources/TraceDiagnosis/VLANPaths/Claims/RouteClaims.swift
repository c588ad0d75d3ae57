import NetworkAddresses
import TraceModel

/// Claims 1 to 4: the way out of the sender's VLAN.
enum RouteClaims: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    [
      route(evidence, causes), resolution(evidence, causes), nextHop(evidence), departure(evidence, causes),
    ]
  }

  private static func route(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard let from = evidence.from, let lookup = evidence.lookup(from: from, to: evidence.to) else {
      return unproven(
        1, "the sender's routes are not on this machine: `ip route get` there tells, or verify there, too")
    }
    let who = evidence.name(from)
    guard let route = lookup.route else {
      return fail(
        1, "\(who) has no route to \(lookup.destination) (\(lookup.error ?? "none"))",
        causes.cause(evidence.echo))
    }
    guard let gateway = route.gateway else {
      return fail(
        1, "\(who) takes \(lookup.destination) for a neighbor: its route \(route.destination) has no gateway",
        causes.cause(evidence.echo))
    }
    let own = from.interface.flatMap(evidence.context.interface)
    if let own, route.interface != own.id {
      return fail(
        1, "\(who) sends to \(lookup.destination) by another interface than \(own.label)",
        causes.cause(evidence.echo))
    }
    if let own, !gateway.isLinkLocal, !own.addresses.contains(where: { $0.contains(gateway) }) {
      return fail(
        1, "the next hop \(gateway) is in none of the networks of \(own.label)", causes.cause(evidence.echo))
    }
    return pass(1, "\(who) reaches \(lookup.destination) via \(gateway)")
  }

  private static func resolution(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard let gateway = evidence.gateway, let from = evidence.from else {
      return unproven(2, "which address the next hop has is not known")
    }
    let context = evidence.context
    let answers = context.observation.sightings.filter {
      $0.frame.advertisedAddress == gateway && $0.hook.direction == .ingress
        && ($0.hook == context.parentIn
          ? $0.frame.outerTag?.vlanID == evidence.pair.from : $0.hook.interface == from.interface)
    }
    let macs = Set(answers.map { $0.frame.arp?.senderMAC ?? $0.frame.source })
    if macs.count > 1 {
      let cause = causes.cause(evidence.echo) ?? DuplicateIP.card.id
      return fail(2, "\(gateway) is claimed by \(list(macs))", cause)
    }
    if let mac = macs.first { return pass(2, "\(gateway) is at \(mac), and nobody else says so") }
    let entry = from.namespace.flatMap(context.topology.namespace)?.neighbors.first {
      $0.address == gateway && (from.interface == nil || $0.interface == from.interface)
    }
    if let mac = entry?.mac, entry?.state.isResolved == true {
      return pass(2, "\(gateway) is at \(mac), as was known before (\(entry?.state.rawValue ?? ""))")
    }
    let asked = context.observation.sightings.contains { $0.frame.solicitedAddress == gateway }
    return asked
      ? fail(2, "nobody answers for \(gateway)", causes.cause(evidence.echo))
      : unproven(2, "nobody was asked for \(gateway) while it was watched")
  }

  private static func nextHop(_ evidence: PairEvidence) -> VLANClaim {
    if let router = evidence.localRouter {
      return pass(3, "the router is \(router.interface.label), on this machine")
    }
    guard let mac = evidence.gatewayMAC else {
      return unproven(3, "no packet was seen to go to a router")
    }
    return evidence.context.isLocal(mac)
      ? unproven(3, "\(mac) is an interface of this host, but has not the next hop's address")
      : pass(3, "\(mac) is on the wire")
  }

  private static func departure(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    let context = evidence.context
    if let left = evidence.first(.left, of: evidence.requests) {
      let frame = left.frame
      if let own = evidence.from?.mac, frame.source != own {
        return fail(
          4, "requests left \(context.parent.name) from \(frame.source), not from \(own)",
          causes.cause(evidence.echo))
      }
      return pass(
        4,
        "requests left \(context.parent.name) in VLAN \(evidence.pair.from) from \(frame.source) to \(frame.destination), "
          + "TTL \(frame.ip?.ttl ?? 0)")
    }
    if let sent = evidence.first(.sent, of: evidence.requests), let router = evidence.localRouter,
      evidence.context.isChild(router.interface.id)
    {
      return pass(
        4,
        "requests left \(evidence.name(evidence.from)) for \(router.interface.label): \(sent.frame.destination)"
      )
    }
    guard !evidence.exchanges.isEmpty else {
      return unproven(4, "no packet between the two was seen: run it without --passive")
    }
    guard evidence.exchanges.contains(where: { !$0.run.probes.isEmpty }) else {
      return unproven(4, "nothing was sent before it was stopped")
    }
    return fail(
      4, "no request left \(context.parent.name) in VLAN \(evidence.pair.from)", causes.cause(evidence.echo))
  }

  private static func list(_ macs: Set<MACAddress>) -> String {
    macs.sorted().map(\.description).joined(separator: " and ")
  }
}
