import NetworkAddresses
import TraceModel

/// `native-pvid-mismatch`: what is tagged on this side comes back without a tag.
enum NativeVLANMismatch: Rule {
  static let card = RuleCard(
    id: "native-pvid-mismatch", title: "the VLAN comes in without its tag", severity: .error,
    explanation: """
      This host sends and expects the VLAN's frames with a tag, and the switch port hands them over without one: the \
      VLAN is the port's native (untagged, PVID) one. What comes in goes to the parent itself, and never to the \
      sub-interface.
      """,
    proof: """
      Requests left the parent with the tag, and frames of the VLAN's network came in untagged.
      """,
    fix: """
      Make the VLAN a tagged one on the switch port, or put the address on the parent itself. On a Linux bridge: \
      `bridge vlan add dev PORT vid VID` without `pvid untagged`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var told: Set<VLANID> = []
    let findings = TaggedAttempt.all(context).compactMap { one -> Finding? in
      let untagged = one.untagged(context)
      guard let first = untagged.first, TaggedAttempt.heard(one.id, context) == 0,
        told.insert(one.id).inserted
      else { return nil }
      let source = first.frame.sourceAddress.map { "\($0)" } ?? "?"
      return finding(
        .proven, title: "VLAN \(one.id) comes in at \(context.parent.name) without its tag",
        subjects: [one.vlan.id.description, one.attempt.target.description],
        evidence: [
          Evidence(
            .trajectory,
            "\(one.attempt.summary) left \(context.parent.name) with the tag of VLAN \(one.id)"),
          Evidence(
            .trajectory,
            "\(untagged.count) frames of that VLAN's network came in without a tag, the first from \(source) "
              + "(\(first.frame.source))"),
          Evidence(.counter, "not one frame came in with the tag of VLAN \(one.id)"),
        ],
        fixes: [
          Fix(
            "Make VLAN \(one.id) a tagged one on the switch port that \(context.parent.name) hangs on (it is the port's "
              + "native VLAN now); on a Linux bridge: `bridge vlan add dev PORT vid \(one.id)`, without `pvid untagged`."
          )
        ])
    }
    return .findings(findings, explaining: TaggedAttempt.explained(by: findings, context))
  }
}
