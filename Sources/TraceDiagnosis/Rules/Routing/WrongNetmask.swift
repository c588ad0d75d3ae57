import NetworkAddresses
import TraceModel

/// `wrong-netmask`: an interface takes its network for larger or smaller than it is.
enum WrongNetmask: Rule {
  static let card = RuleCard(
    id: "wrong-netmask", title: "the prefix length does not fit the network", severity: .error,
    explanation: """
      An interface's prefix length says which addresses are on its own segment. Too short, it asks on the segment for \
      machines that are behind a router, and nobody answers; too long, it takes neighbors for machines elsewhere.
      """,
    proof: """
      Others on the same segment have another prefix length; the target is on the segment by one of the two alone, and was \
      asked for there in vain, or the kernel has no way to it.
      """,
    fix: "Give the interface the prefix length of its network (with Docker: `--subnet`).")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<InterfaceID> = []
    for one in context.unansweredResolutions() {
      guard context.routes(by: one.attempt.target, in: one.asker.id.namespace).isEmpty,
        let wide = one.asker.addresses.first(where: { $0.contains(one.attempt.target) }),
        let reference = reference(one.asker, wide, without: one.attempt.target, context)
      else { continue }
      explained.append(one.attempt)
      guard told.insert(one.asker.id).inserted else { continue }
      findings.append(
        finding(
          one.missing == nil ? .proven : .likely,
          title:
            "\(one.asker.label) takes \(one.attempt.target) for a neighbor: its prefix \(wide) is too short",
          subjects: [one.asker.id.description, one.attempt.target.description],
          evidence: one.evidence(context) + [state(one.asker, wide, reference)],
          fixes: fixes(one.asker, wide, reference.prefix.length, context)))
    }
    return .findings(findings + narrow(context), explaining: explained)
  }

  /// The prefix that another interface of the segment has, by which the target is elsewhere.
  private static func reference(
    _ asker: Interface, _ wide: IPPrefix, without target: IPAddress, _ context: DiagnosisContext
  ) -> (owner: Interface, prefix: IPPrefix)? {
    let beside = NarrowNetmask.beside(asker, context)
    return beside.first { other in
      other.prefix.length > wide.length && other.prefix.contains(wide.address)
        && !other.prefix.contains(target)
    }
  }

  private static func narrow(_ context: DiagnosisContext) -> [Finding] {
    guard let run = context.observation.probeRun, !run.works, let target = run.to.address,
      let lookup = context.lookup(of: run), let sender = context.sender(of: run),
      let own = sender.addresses.first(where: {
        $0.address.isIPv4 == target.isIPv4 && !$0.address.isLinkLocal && !$0.contains(target)
      }), let reference = NarrowNetmask.reference(sender, target, context), lookup.error == "ENETUNREACH"
    else { return silentlyNarrow(context) }
    return [
      finding(
        .proven,
        title: "\(sender.label) takes \(target) for a machine elsewhere: its prefix \(own) is too long",
        subjects: [sender.id.description, target.description],
        evidence: [
          Evidence(
            .state,
            "\(run.from.label)'s kernel, asked for its way to \(target): there is none (\(lookup.error ?? ""))"
          ),
          state(sender, own, reference),
        ], fixes: fixes(sender, own, reference.prefix.length, context))
    ]
  }

  /// What nobody probed: packets that the kernel refused to send, of a child whose prefix is longer than others'.
  private static func silentlyNarrow(_ context: DiagnosisContext) -> [Finding] {
    var told: Set<UInt64> = []
    return context.topology.children.compactMap { child in
      let namespace = child.id.namespace
      guard child.up, !context.isInHostNamespace(child), !context.isProbed(namespace),
        let own = child.addresses.first(where: { $0.address.isIPv4 }),
        !context.hasDefaultRoute(own.address, in: namespace),
        let count = context.increase("Ip.OutNoRoutes", in: namespace), count > 0,
        let reference = NarrowNetmask.widest(child, isIPv4: true, context), told.insert(namespace).inserted
      else { return nil }
      return finding(
        .likely, title: "\(child.label)'s prefix \(own) is longer than others'",
        subjects: [child.id.description],
        evidence: [
          state(child, own, reference),
          Evidence(
            .counter, "Ip.OutNoRoutes rose by \(count) there: packets that its kernel refused to send"),
          Evidence(.state, "missing for proof: for whom they were; `macvtrace explain` tells"),
        ], fixes: fixes(child, own, reference.prefix.length, context))
    }
  }

  private static func state(
    _ asker: Interface, _ own: IPPrefix, _ reference: (owner: Interface, prefix: IPPrefix)
  )
    -> Evidence
  {
    Evidence(
      .state,
      "\(asker.label) has \(own), and \(reference.owner.label) on the same segment has \(reference.prefix)")
  }

  private static func fixes(_ asker: Interface, _ own: IPPrefix, _ length: Int, _ context: DiagnosisContext)
    -> [Fix]
  {
    let commands = Commands(context: context)
    let name = Commands.quoted(asker.name)
    let nodad = own.address.isIPv4 ? "" : " nodad"
    return [
      Fix(
        "Give it the prefix length of its network.",
        commands: own.address.isIPv4
          ? [
            commands.inside(asker, "ip address add \(own.address)/\(length) dev \(name)\(nodad)"),
            commands.inside(asker, "ip address delete \(own) dev \(name)"),
          ]
          : [
            commands.inside(asker, "ip address delete \(own) dev \(name)"),
            commands.inside(asker, "ip address add \(own.address)/\(length) dev \(name)\(nodad)"),
          ]),
      Fix("With Docker, make the network anew with the right `--subnet`."),
    ]
  }
}

/// A prefix that is longer than that of others on the same segment.
enum NarrowNetmask {
  /// The prefixes of other interfaces on the same segment: the one that it sits on, and its children.
  static func beside(_ interface: Interface, _ context: DiagnosisContext) -> [(
    owner: Interface, prefix: IPPrefix
  )] {
    let lower = interface.kind.isChild ? interface.parent : interface.id
    return context.topology.interfaces.filter {
      $0.id != interface.id && ($0.id == lower || $0.parent == lower && $0.kind.isChild)
    }
    .flatMap { other in other.addresses.map { (other, $0) } }
    // A shim's or a service's address alone is no network.
    .filter { !$0.1.address.isLinkLocal && $0.1.length < ($0.1.address.isIPv4 ? 31 : 127) }
    .map { (owner: $0.0, prefix: $0.1) }
  }

  /// The prefix of another interface by which the target is on the interface's own segment, where its own says elsewhere.
  static func reference(_ interface: Interface, _ target: IPAddress, _ context: DiagnosisContext)
    -> (owner: Interface, prefix: IPPrefix)?
  {
    let own = interface.addresses.filter { $0.address.isIPv4 == target.isIPv4 && !$0.address.isLinkLocal }
    guard !own.contains(where: { $0.contains(target) }) else { return nil }
    return beside(interface, context).first { other in
      other.prefix.contains(target)
        && own.contains { $0.length > other.prefix.length && other.prefix.contains($0.address) }
    }
  }

  /// The prefix of another interface that is shorter than the interface's own and holds it.
  static func widest(_ interface: Interface, isIPv4: Bool, _ context: DiagnosisContext)
    -> (owner: Interface, prefix: IPPrefix)?
  {
    let own = interface.addresses.filter { $0.address.isIPv4 == isIPv4 && !$0.address.isLinkLocal }
    return beside(interface, context).first { other in
      own.contains { $0.length > other.prefix.length && other.prefix.contains($0.address) }
    }
  }
}
