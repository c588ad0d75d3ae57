import NetworkAddresses
import TraceModel

/// `ipv6-nd-multicast-lost`: neighbor solicitations come to the parent and not to the child.
enum IPv6NDMulticastLost: Rule {
  static let card = RuleCard(
    id: "ipv6-nd-multicast-lost", title: "neighbor solicitations do not reach their group", severity: .error,
    explanation: """
      IPv6 asks for a MAC address by a multicast to the target's solicited-node group (33:33:ff: and the address's last \
      three octets). A macvlan child takes only the groups that its own interface joined; where the address lives behind it, \
      in a virtual machine or another interface that the child's frames are handed to, nobody joined for it. IPv4 works, as \
      ARP asks by broadcast, and so does whoever knows the MAC address already.
      """,
    proof: """
      Neighbor solicitations to the group came to the parent, or left a sibling on it, and did not come to the child, whose \
      list of groups lacks that one.
      """,
    fix:
      "Set allmulticast on the child, or have it join; on the way there, look at the switch's MLD snooping.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<String> = []
    for attempt in context.failures where attempt.kind == .resolution && !attempt.target.isIPv4 {
      guard let child = owner(of: attempt.target, context), namespace(attempt, context) != child.id.namespace,
        child.up, child.mode != .source,
        let group = attempt.unanswered.last?.frame?.destination, group.isMulticast,
        came(attempt, to: child, context)
      else { continue }
      let heard = attempt.unanswered.contains { $0.passed(Hook(child.id, .ingress)) }
      // A member that hears nothing is another cause: its mode, or who has the same MAC address.
      let own = context.state(child.id.namespace)?.groups
      guard !heard, own?.contains(GroupMembership(interface: child.id, mac: group)) == false else { continue }
      explained.append(attempt)
      guard told.insert("\(child.id) \(attempt.target)").inserted else { continue }
      let gap = context.gap(at: [Hook(child.id, .ingress)], [attempt])
      var evidence = [
        Evidence(
          .trajectory,
          "\(attempt.summary) came to \(child.parent.flatMap(context.interface)?.label ?? context.parent.label) for the group "
            + "\(group), and none came to \(child.label)"),
        Evidence(.state, "\(child.label) has not joined \(group)"),
      ]
      if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
      let name = Commands.quoted(child.name)
      findings.append(
        finding(
          gap == nil ? .proven : .likely,
          title: "\(child.label) does not hear who asks for \(attempt.target)",
          subjects: [child.id.description, attempt.target.description], evidence: evidence,
          fixes: [
            Fix(
              "Have \(child.label) take all multicasts.",
              commands: [Commands(context: context).inside(child, "ip link set dev \(name) allmulticast on")]),
            Fix(
              "For a virtual machine on a macvtap let the hypervisor follow the guest's groups (libvirt: "
                + "`trustGuestRxFilters='yes'`)."),
          ]))
    }
    return .findings(findings, explaining: explained)
  }

  private static func namespace(_ attempt: Attempt, _ context: DiagnosisContext) -> UInt64? {
    context.namespace(of: attempt.asker)
  }

  /// The child behind which the address lives: in whose namespace it is, on no other child, or who sends with it.
  private static func owner(of address: IPAddress, _ context: DiagnosisContext) -> Interface? {
    if let owner = context.child(owning: address) { return owner }
    let speaking = context.observation.sightings.first { sighting in
      sighting.hook.direction == .egress && context.isChild(sighting.hook.interface)
        && sighting.frame.source == context.interface(sighting.hook.interface)?.mac
        && sighting.frame.sourceAddress == address
    }
    if let speaking { return context.interface(speaking.hook.interface) }
    let homes = context.topology.namespaces.filter {
      $0.id != context.parent.id.namespace && $0.localAddresses.contains(address)
    }
    guard homes.count == 1 else { return nil }
    return context.child(in: homes[0].id)
  }

  /// Whether the question came to where the child's frames are taken from: in at its lower interface, or out at a sibling
  /// in bridge mode.
  private static func came(_ attempt: Attempt, to child: Interface, _ context: DiagnosisContext) -> Bool {
    attempt.unanswered.contains { try_ in
      if let lower = child.parent, try_.passed(Hook(lower, .ingress)) { return true }
      return child.mode == .bridge
        && try_.sightings.contains { sighting in
          guard sighting.hook.direction == .egress, let sender = context.interface(sighting.hook.interface)
          else {
            return false
          }
          return sender.kind.isChild && sender.mode == .bridge && sender.parent == child.parent
        }
    }
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    guard let target = run.to.address, !target.isIPv4, let child = context.child(owning: target),
      context.trajectories.contains(where: {
        $0.frame?.solicitedAddress == target && $0.passed(Hook(child.id, .ingress))
      })
    else { return nil }
    return "neighbor solicitations for \(target) came to \(child.label)"
  }
}
