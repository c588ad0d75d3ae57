import NetworkAddresses
import TraceModel

/// `ipvlan-l3-no-return-route`: the network does not know where an ipvlan child's subnet is.
enum IPvlanL3NoReturnRoute: Rule {
  static let card = RuleCard(
    id: "ipvlan-l3-no-return-route", title: "nobody out there has a route to the ipvlan child's subnet",
    severity: .error,
    explanation: """
      In the modes l3 and l3s the host is a router for its ipvlan children, and their subnet is behind it. Neither is \
      announced to anybody: routers and other machines on the segment need a route to that subnet by the host's address, \
      or their answers go somewhere else. Broadcasts and ARP do not reach such a child.
      """,
    proof: """
      What the child sent left the parent with an address of another subnet than the parent's, to a MAC address that was \
      resolved, and no answer came in; who asked for the child's address by ARP was not answered.
      """,
    fix: """
      On the router (or on each machine that is to reach the child): a route to the child's subnet by the host's address, \
      `ip route add 10.9.0.0/24 via HOST`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    var findings: [Finding] = []
    for attempt in context.failures where attempt.kind != .resolution && !context.isLocal(attempt.target) {
      guard case .child(let id) = attempt.asker, let child = context.interface(id), child.isRouted,
        let lower = context.lower(of: child),
        !lower.addresses.contains(where: { $0.contains(attempt.source) }),
        let sent = attempt.unanswered.compactMap({ $0.first(at: context.parentOut) }).last,
        !context.isLocal(sent.frame.destination), context.answersAtParent(attempt).isEmpty
      else { continue }
      explained.append(attempt)
      if told.insert(id).inserted { findings.append(finding(child, lower, attempt, sent, context)) }
    }
    return .findings(findings, explaining: explained)
  }

  private static func finding(
    _ child: Interface, _ lower: Interface, _ attempt: Attempt, _ sent: Sighting, _ context: DiagnosisContext
  ) -> Finding {
    // Somebody who looks for the child on the segment has no route to its subnet by this host.
    let seekers = context.observation.sightings.filter {
      $0.hook == context.parentIn && $0.time >= attempt.start && $0.frame.solicitedAddress == attempt.source
    }
    let gap = context.gap(at: [context.parentIn], [attempt])
    let isProven = gap == nil && !seekers.isEmpty
    let subnet =
      child.addresses.first { $0.address == attempt.source }.map { "\($0.network)/\($0.length)" }
      ?? "\(attempt.source)"
    let own = lower.addresses.first { $0.address.isIPv4 == attempt.source.isIPv4 && !$0.address.isLinkLocal }?
      .address
    var evidence = [
      Evidence(
        .trajectory,
        "\(attempt.summary) of \(attempt.source) left \(context.parent.name) for \(sent.frame.destination); no packet from "
          + "\(attempt.target) came in"),
      Evidence(
        .state,
        "\(child.label) is an ipvlan child in mode \(child.mode?.rawValue ?? "?"); \(attempt.source) is in no network of "
          + lower.name),
    ]
    if let seeker = seekers.last {
      evidence.append(
        Evidence(
          .trajectory,
          "\(seekers.count) requests of \(seeker.frame.sourceAddress.map { "\($0)" } ?? "?") for \(attempt.source)'s MAC "
            + "address came in at \(context.parent.name): it has no route by this host"))
    } else {
      evidence.append(
        Evidence(
          .state, "missing for proof: \(gap ?? "a look at the routes of \(attempt.target) and of the router")"
        ))
    }
    let gateway = own.map { "\($0)" } ?? "HOST"
    return finding(
      isProven ? .proven : .likely,
      title: "nobody out there answers \(child.label): its subnet \(subnet) needs a route by this host",
      subjects: [child.id.description, attempt.source.description, attempt.target.description],
      evidence: evidence,
      fixes: [
        Fix(
          "On the router, or on \(attempt.target) itself: `ip \(attempt.source.isIPv4 ? "" : "-6 ")route add \(subnet) via "
            + "\(gateway)`."),
        Fix("Or use mode l2 with addresses of the segment's own subnet."),
      ])
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let sender = context.sender(of: run), sender.isRouted else { return nil }
    return "answers to \(sender.label) came in, or its packets never left"
  }
}

extension Interface {
  /// Whether its host routes for it: an ipvlan child in mode l3 or l3s. The MAC addresses of what it sends mean nothing
  /// before its parent.
  var isRouted: Bool { kind == .ipvlan && (mode == .l3 || mode == .l3s) }
}
