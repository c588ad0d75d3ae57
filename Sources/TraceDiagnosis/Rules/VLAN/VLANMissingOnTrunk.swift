import NetworkAddresses
import TraceModel

/// `vlan-missing-on-trunk`: the switch port does not carry a VLAN.
enum VLANMissingOnTrunk: Rule {
  static let card = RuleCard(
    id: "vlan-missing-on-trunk", title: "the switch port does not carry the VLAN", severity: .error,
    explanation: """
      Frames of the VLAN leave this host with their tag and nothing of that VLAN ever comes back, while other traffic \
      does: the switch port that the parent hangs on, or one behind it, is no trunk for that VLAN.
      """,
    proof: """
      Requests for several addresses left the parent with the VLAN's tag, not one frame with that tag came in, and other \
      frames did. Of one address alone the machine that has it may be off.
      """,
    fix: """
      Allow the VLAN on the switch's trunk port (and on every port between the two machines). On a Linux bridge: \
      `bridge vlan add dev PORT vid VID`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var told: Set<VLANID> = []
    let all = TaggedAttempt.all(context)
    let findings = all.compactMap { one -> Finding? in
      guard TaggedAttempt.heard(one.id, context) == 0, one.untagged(context).isEmpty,
        VLANNameMismatch.named(one.vlan) == nil, !QinQEtherType.isHeardOtherwise(one, context),
        told.insert(one.id).inserted
      else { return nil }
      let alive = context.framesFromWire
      let asked = Set(all.lazy.filter { $0.id == one.id }.map(\.attempt.target)).sorted()
      let gap =
        context.gap(at: [context.parentIn], [one.attempt])
        ?? (alive == 0
          ? "a sign that the switch port is alive at all"
          : asked.count < 2 || one.attempt.unanswered.count < 2
            ? "a second address of VLAN \(one.id) that does not answer either: \(one.attempt.target) alone may be off"
            : nil)
      var evidence = [
        Evidence(
          .trajectory,
          "\(one.attempt.summary) left \(context.parent.name) with the tag of VLAN \(one.id); no answer came in"
        ),
        Evidence(
          .counter,
          "not one frame of VLAN \(one.id) came in at \(context.parent.name), and \(alive) others from other machines did"
        ),
        Evidence(.state, "\(one.vlan.name) is up and carries VLAN \(one.id)"),
      ]
      if asked.count > 1 {
        let list = asked.prefix(4).map(\.description).joined(separator: ", ")
        evidence.append(
          Evidence(.trajectory, "\(asked.count) addresses were asked for in VLAN \(one.id): \(list)"))
      }
      if let gap { evidence.append(Evidence(.counter, "missing for proof: \(gap)")) }
      return finding(
        gap == nil ? .proven : .likely,
        title: "the switch port of \(context.parent.name) does not carry VLAN \(one.id)",
        subjects: [one.vlan.id.description, one.attempt.target.description], evidence: evidence,
        fixes: [
          Fix(
            "Allow VLAN \(one.id), tagged, on the switch port that \(context.parent.name) hangs on and on every port "
              + "towards \(one.attempt.target); on a Linux bridge: `bridge vlan add dev PORT vid \(one.id)`.")
        ])
    }
    return .findings(findings, explaining: TaggedAttempt.explained(by: findings, context))
  }
}
