import NetworkAddresses
import TraceModel

/// What comes in for an address of this host under a tag that no sub-interface takes.
enum UnknownVLAN {
  /// A failed attempt of somebody on the wire.
  struct Case {
    let attempt: Attempt
    let tag: VLANTag
    let owner: Interface
    /// Whether the child that owns the address got the frames, with their tag.
    let reached: Bool
  }

  static func cases(_ context: DiagnosisContext) -> [Case] {
    guard context.parentWorks else { return [] }
    return context.failures.compactMap { attempt in
      guard case .wire = attempt.asker,
        let tag = attempt.unanswered.first?.first(at: context.parentIn)?.frame.outerTag,
        tag.vlanID.rawValue != 0,
        context.subinterface(of: tag) == nil,
        let owner = context.topology.interfaces.first(where: { $0.owns(attempt.target) })
      else { return nil }
      let reached = owner.kind.isChild && attempt.unanswered.contains { $0.passed(Hook(owner.id, .ingress)) }
      return Case(attempt: attempt, tag: tag, owner: owner, reached: reached)
    }
  }

  static func fix(_ one: Case, _ context: DiagnosisContext) -> Fix {
    let parent = context.parent.name
    return Fix(
      "Have the switch hand VLAN \(one.tag.vlanID) over to \(parent) untagged; or, if \(one.owner.label) belongs into that "
        + "VLAN, make \(parent).\(one.tag.vlanID) (`ip link add link \(parent) name \(parent).\(one.tag.vlanID) type vlan id "
        + "\(one.tag.vlanID)`) and put it there.")
  }
}

/// `unknown-vid`: frames come in for a VLAN that has no device here.
enum UnknownVID: Rule {
  static let card = RuleCard(
    id: "unknown-vid", title: "frames come in for a VLAN that has no sub-interface", severity: .error,
    explanation: """
      The switch hands frames over with the tag of a VLAN for which there is no sub-interface on the parent: the kernel \
      takes them for somebody else's and drops them.
      """,
    proof: """
      Requests for an address of this host came in with a tag that no sub-interface takes, and reached nobody.
      """,
    fix: """
      Make the sub-interface (`ip link add link ens33 name ens33.30 type vlan id 30`), or have the switch hand that VLAN \
      over untagged.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = UnknownVLAN.cases(context).filter { !$0.reached }
    var told: Set<VLANID> = []
    return .findings(
      cases.filter { told.insert($0.tag.vlanID).inserted }.map { one in
        let gap = context.gap(at: [context.parentIn], [one.attempt])
        return finding(
          gap == nil ? .proven : .likely,
          title:
            "VLAN \(one.tag.vlanID) comes in at \(context.parent.name), which has no sub-interface for it",
          subjects: [context.parent.id.description, one.attempt.target.description],
          evidence: [
            Evidence(
              .trajectory,
              "\(one.attempt.summary) came in at \(context.parent.name) with the tag of VLAN \(one.tag.vlanID), and reached "
                + "nobody"),
            Evidence(.state, "no sub-interface of \(context.parent.name) carries VLAN \(one.tag.vlanID)"),
          ] + context.dropEvidence(one.attempt), fixes: [UnknownVLAN.fix(one, context)])
      }, explaining: cases.map(\.attempt))
  }
}

/// `tagged-into-child`: a child gets frames with a tag that it does not know.
enum TaggedIntoChild: Rule {
  static let card = RuleCard(
    id: "tagged-into-child", title: "a child gets frames with a VLAN's tag, and cannot read them",
    severity: .error,
    explanation: """
      Frames with the tag of a VLAN that has no sub-interface are handed to the macvlan child whose MAC address they \
      have, tag and all. The child counts them; its IP stack does not take them.
      """,
    proof: """
      Requests for the child came in with a tag that no sub-interface takes, arrived at the child with it, and were not \
      answered.
      """,
    fix: """
      Have the switch hand that VLAN over untagged, or make the sub-interface and put the child on it.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = UnknownVLAN.cases(context).filter(\.reached)
    var told: Set<InterfaceID> = []
    return .findings(
      cases.filter { told.insert($0.owner.id).inserted }.map { one in
        finding(
          .proven,
          title:
            "\(one.owner.label) gets frames of VLAN \(one.tag.vlanID) with their tag, and cannot read them",
          subjects: [one.owner.id.description, one.attempt.target.description],
          evidence: [
            Evidence(
              .trajectory,
              "\(one.attempt.summary) came in at \(context.parent.name) and at \(one.owner.label) with the tag of VLAN "
                + "\(one.tag.vlanID), and no answer left"),
            Evidence(.state, "no sub-interface of \(context.parent.name) carries VLAN \(one.tag.vlanID)"),
          ] + context.dropEvidence(one.attempt), fixes: [UnknownVLAN.fix(one, context)])
      }, explaining: cases.map(\.attempt))
  }
}
