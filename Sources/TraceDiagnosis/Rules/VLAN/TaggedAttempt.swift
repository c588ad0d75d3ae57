import NetworkAddresses
import TraceModel

/// A failed attempt that left the parent with a VLAN's tag, and what the parent heard meanwhile.
struct TaggedAttempt {
  let attempt: Attempt
  /// The sub-interface that it left by.
  let vlan: Interface
  let id: VLANID
  /// Who asked: the sub-interface, or a child on it.
  let asker: Interface

  /// Those of an observation in which no answer came in at the parent.
  static func all(_ context: DiagnosisContext) -> [TaggedAttempt] {
    guard context.parentWorks else { return [] }
    return context.failures.compactMap { attempt in
      let asker: Interface?
      switch attempt.asker {
      case .host(let id): asker = context.interface(id)
      case .child(let id): asker = context.interface(id)
      case .wire: asker = nil
      }
      guard let asker, let lower = asker.kind == .vlan ? asker : context.lower(of: asker),
        lower.kind == .vlan,
        lower.parent == context.parent.id, let id = lower.vlan,
        !context.answersAtParent(attempt).contains(where: {
          context.subinterface(of: $0.frame.outerTag)?.id == lower.id
        }),
        !context.isLocal(attempt.target) || context.child(owning: attempt.target)?.parent != lower.id,
        attempt.unanswered.contains(where: { $0.first(at: context.parentOut)?.frame.outerTag?.vlanID == id })
      else { return nil }
      return TaggedAttempt(attempt: attempt, vlan: lower, id: id, asker: asker)
    }
  }

  /// Those that left by the sub-interfaces that findings are about.
  static func explained(by findings: [Finding], _ context: DiagnosisContext) -> [Attempt] {
    let subjects = Set(findings.flatMap(\.subjects))
    return all(context).filter { subjects.contains($0.vlan.id.description) }.map(\.attempt)
  }

  /// Frames from other machines that came in at the parent in a VLAN; `nil`: without a tag.
  static func heard(_ id: VLANID?, _ context: DiagnosisContext) -> UInt64 {
    context.observation.counters.reduce(0) { sum, counter in
      counter.interface == context.parent.id && counter.direction == .ingress && counter.vlan == id
        && !context.isLocal(counter.source) ? sum + counter.frames : sum
    }
  }

  /// The networks of the sub-interface and of the children on it.
  func networks(_ context: DiagnosisContext) -> [IPPrefix] {
    let users = [vlan] + context.topology.children.filter { $0.parent == vlan.id }
    return users.flatMap(\.addresses).filter { !$0.address.isLinkLocal }
  }

  /// What came in at the parent without a tag and speaks of an address of the VLAN's networks.
  func untagged(_ context: DiagnosisContext) -> [Sighting] {
    let networks = networks(context)
    let others = context.parent.addresses
    return context.observation.sightings.filter { sighting in
      guard sighting.hook == context.parentIn, sighting.frame.outerTag == nil,
        !context.isLocal(sighting.frame.source), let source = sighting.frame.sourceAddress
      else { return false }
      return networks.contains { $0.contains(source) } && !others.contains { $0.contains(source) }
    }
  }
}
