import NetworkAddresses
import TraceModel

/// `stale-arp`: packets are sent to a MAC address that the receiver does not have.
enum StaleARP: Rule {
  static let card = RuleCard(
    id: "stale-arp", title: "sent to a MAC address that is not the receiver's", severity: .error,
    explanation: """
      Who sends remembers a MAC address for the receiver that it does not have any more, or that was entered by hand: the \
      frames are for nobody, and the receiver never sees them.
      """,
    proof: """
      Frames for the address went to another MAC address than that of the interface that has it, and were not answered.
      """,
    fix:
      "Delete the neighbor entry at the sender; announce the address (`arping -U`, arp_notify=1) when it moves."
  )

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let asked = askers(context)
    let peers = self.peers(context).filter { one in !asked.contains { $0.attempt.key == one.attempt.key } }
    return .findings(
      (asked + peers).map(\.finding),
      explaining: (asked + peers).map(\.attempt)
        + context.failures.filter { other in
          (asked + peers).contains { $0.attempt.target == other.target && $0.attempt.source == other.source }
        })
  }

  private struct Case {
    var attempt: Attempt
    var finding: Finding
  }

  /// Somebody on this host sends to the wrong MAC address.
  private static func askers(_ context: DiagnosisContext) -> [Case] {
    let claims = context.claims
    var told: Set<String> = []
    return context.failures.compactMap { attempt in
      guard attempt.kind != .resolution, let asker = context.asker(attempt.asker), !asker.isRouted,
        let frame = attempt.unanswered.last?.frame, !frame.destination.isMulticast
      else { return nil }
      let namespace = asker.id.namespace
      let hop = context.lookup(to: attempt.target, in: namespace)?.route?.gateway ?? attempt.target
      let owners = context.topology.namespaces.filter {
        $0.id != namespace && $0.localAddresses.contains(hop)
      }
      let macs =
        owners.isEmpty
        ? Set([claims.onWire(hop)].compactMap { $0 })
        : Set(
          context.topology.interfaces.filter { interface in
            owners.contains { $0.id == interface.id.namespace }
          }.compactMap(\.mac))
      guard !macs.isEmpty, !macs.contains(frame.destination),
        let real = context.topology.interfaces.first(where: { $0.owns(hop) && $0.id.namespace != namespace })?
          .mac ?? macs.first,
        told.insert("\(asker.id) \(hop)").inserted
      else { return nil }
      let entry = context.topology.namespace(namespace)?.neighbors.first {
        $0.address == hop && $0.mac == frame.destination
      }
      let name = Commands.quoted((entry?.interface).flatMap(context.interface)?.name ?? asker.name)
      let gap = context.gap(at: [], [attempt])
      let finding = Self.finding(
        gap == nil ? .proven : .likely, title: "\(asker.label) sends to a wrong MAC address for \(hop)",
        subjects: [asker.id.description, hop.description, frame.destination.description],
        evidence: [
          Evidence(
            .trajectory, "\(attempt.summary) went to \(frame.destination); \(hop) is at \(real)")
        ]
          + (entry.map {
            [
              Evidence(
                .neighbor,
                "\(asker.label)'s neighbor entry of \(hop) is \(frame.destination), \($0.state.rawValue.uppercased())"
              )
            ]
          } ?? []) + context.dropEvidence(attempt)
          + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
        fixes: [
          Fix(
            "Delete the entry: the kernel then asks anew.",
            commands: [Commands(context: context).inside(asker, "ip neighbor delete \(hop) dev \(name)")])
        ])
      return Case(attempt: attempt, finding: finding)
    }
  }

  /// Somebody on the wire sends to a MAC address that the child or the host does not have.
  private static func peers(_ context: DiagnosisContext) -> [Case] {
    var told: Set<String> = []
    return context.failures.compactMap { attempt in
      let wrong: [Sighting]
      let owner: Interface
      let peer: IPAddress
      if case .wire = attempt.asker {
        guard attempt.kind != .resolution,
          let child = context.child(owning: attempt.target)
            ?? context.topology.interfaces.first(where: { context.isLower($0.id) && $0.owns(attempt.target) })
        else { return nil }
        (owner, peer) = (child, attempt.source)
        wrong = attempt.unanswered.compactMap { $0.first(at: context.parentIn) }
      } else {
        guard attempt.kind != .resolution, let asker = context.asker(attempt.asker),
          let source = attempt.unanswered.last?.frame?.source, source == asker.mac
        else { return nil }
        (owner, peer) = (asker, attempt.target)
        wrong = context.answersAtParent(attempt).filter { $0.frame.advertisedAddress == nil }
      }
      let macs = Set(
        context.topology.interfaces.filter { $0.id.namespace == owner.id.namespace }.compactMap(\.mac))
      // A host that forwards may be meant as the router to its own child.
      let isRouted = context.setting("ipv4/ip_forward", in: context.parent.id.namespace) == "1"
      guard owner.id.namespace != 0, let last = wrong.last,
        wrong.allSatisfy({ sighting in
          !sighting.frame.destination.isMulticast && !macs.contains(sighting.frame.destination)
            && !(isRouted && sighting.frame.destination == context.parent.mac)
        })
      else { return nil }
      guard told.insert("\(owner.id) \(peer)").inserted else { return nil }
      let gap = context.gap(at: [context.parentIn], [attempt])
      let finding = Self.finding(
        gap == nil ? .proven : .likely, title: "\(peer) sends to a wrong MAC address for \(owner.label)",
        subjects: [owner.id.description, peer.description, last.frame.destination.description],
        evidence: [
          Evidence(
            .trajectory,
            "\(wrong.count) packets of \(peer) for \(owner.label) came in at \(context.parent.name) for "
              + "\(last.frame.destination); \(owner.label) is at \(owner.mac?.description ?? "?")")
        ] + (gap.map { [Evidence(.counter, "missing for proof: \($0)")] } ?? []),
        fixes: [
          Fix(
            "On the machine that sent them (MAC address \(last.frame.source)): `ip neighbor show \(addressed(attempt, owner))` "
              + "shows the old entry, `ip neighbor delete \(addressed(attempt, owner)) dev INTERFACE` removes it."
          ),
          Fix(
            "An entry that was learned gives way to an announcement: `arping -U -I \(Commands.quoted(owner.name)) "
              + "\(addressed(attempt, owner))` in \(owner.namespace)."),
        ])
      return Case(attempt: attempt, finding: finding)
    }
  }

  private static func addressed(_ attempt: Attempt, _ owner: Interface) -> IPAddress {
    owner.owns(attempt.target) ? attempt.target : attempt.source
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let id = run.to.interface, let receiver = context.interface(id), let mac = receiver.mac,
      let target = run.to.address, let namespace = run.from.namespace,
      let entry = context.topology.namespace(namespace)?.neighbors.first(where: { $0.address == target }),
      entry.mac == mac
    else { return nil }
    return "\(run.from.label) knows \(target)'s MAC address, \(mac)"
  }
}
