import NetworkAddresses
import TraceModel

/// `qinq-ethertype`: one side tags by 802.1Q, the other by 802.1ad.
enum QinQEtherType: Rule {
  static let card = RuleCard(
    id: "qinq-ethertype", title: "the VLAN comes in with a tag of the other protocol", severity: .error,
    explanation: """
      There are two kinds of tags, 802.1Q (EtherType 0x8100) and 802.1ad (0x88a8). A sub-interface takes those of its own \
      kind alone, whatever the VLAN ID.
      """,
    proof: """
      Requests left with a tag of one kind, and frames with that VLAN ID in a tag of the other kind came in.
      """,
    fix: """
      Make the sub-interface anew with the protocol that the other side uses: `protocol 802.1ad` or `protocol 802.1Q`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var told: Set<InterfaceID> = []
    let findings = TaggedAttempt.all(context).compactMap { one -> Finding? in
      let frames = otherwise(one, context)
      guard frames > 0, told.insert(one.vlan.id).inserted else { return nil }
      let isCustomer = (one.vlan.vlanProtocol ?? .ieee8021Q) == .ieee8021Q
      let (own, other) = isCustomer ? ("802.1Q", "802.1ad") : ("802.1ad", "802.1Q")
      return finding(
        .proven, title: "VLAN \(one.id) comes in by \(other), and \(one.vlan.name) takes \(own) alone",
        subjects: [one.vlan.id.description, one.attempt.target.description],
        evidence: [
          Evidence(
            .trajectory,
            "\(one.attempt.summary) left \(context.parent.name) with an \(own) tag of VLAN \(one.id)"),
          Evidence(
            .counter,
            "\(frames) frames came in at \(context.parent.name) with an \(other) tag of VLAN \(one.id)"),
        ],
        fixes: [
          Fix(
            "Make \(one.vlan.name) anew by \(other): `ip link add link \(context.parent.name) name \(one.vlan.name) type "
              + "vlan protocol \(other) id \(one.id)`; or have the other side use \(own).")
        ])
    }
    return .findings(findings, explaining: TaggedAttempt.explained(by: findings, context))
  }

  static func isHeardOtherwise(_ one: TaggedAttempt, _ context: DiagnosisContext) -> Bool {
    otherwise(one, context) > 0
  }

  /// Frames from other machines with that VLAN ID in a tag of the other protocol.
  private static func otherwise(_ one: TaggedAttempt, _ context: DiagnosisContext) -> UInt64 {
    let own = one.vlan.vlanProtocol ?? .ieee8021Q
    return context.observation.counters.reduce(0) { sum, counter in
      counter.interface == context.parent.id && counter.direction == .ingress && counter.vlan == one.id
        && counter.vlanProtocol != own && !context.isLocal(counter.source) ? sum + counter.frames : sum
    }
  }
}
