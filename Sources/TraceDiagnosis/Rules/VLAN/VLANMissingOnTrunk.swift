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
      Requests left the parent with the VLAN's tag, not one frame with that tag came in, and other frames did.
      """,
    fix: """
      Allow the VLAN on the switch's trunk port (and on every port between the two machines). On a Linux bridge: \
      `bridge vlan add dev PORT vid VID`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var told: Set<VLANID> = []
    let findings = TaggedAttempt.all(context).compactMap { one -> Finding? in
      guard TaggedAttempt.heard(one.id, context) == 0, one.untagged(context).isEmpty,
        VLANNameMismatch.named(one.vlan) == nil, !QinQEtherType.isHeardOtherwise(one, context),
        told.insert(one.id).inserted
      else { return nil }
      let alive = context.framesFromWire
      let gap = context.gap(at: [context.parentIn], [one.attempt])
      let isProven = gap == nil && alive > 0 && one.attempt.unanswered.count > 1
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
      if !isProven {
        evidence.append(
          Evidence(.counter, "missing for proof: \(gap ?? "a sign that the switch port is alive at all")"))
      }
      return finding(
        isProven ? .proven : .likely,
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
