import NetworkAddresses
import TraceModel

/// `vlan-missing-on-trunk`, proven by two hosts: what one asks in a VLAN does not come to the other, which has it.
enum VLANMissingBetweenHosts: HostRule {
  static var card: RuleCard { VLANMissingOnTrunk.card }

  static func evaluate(_ pair: HostPair) -> HostRuleOutcome {
    let gaps = pair.directions.filter { $0.from.context.parentWorks && $0.to.context.parentWorks }.map {
      from, to in
      TrunkGap(
        from: from.context, to: to.context, names: (from.parentName, to.parentName), ids: (from.id, to.id)
      ) { sent, _ in
        LostBetweenHosts.gap(sent, to, pair)
      }
    }
    var outcome = HostRuleOutcome()
    for one in TrunkGap.outcomes(gaps) {
      outcome.notEvaluated += [one.doubt].compactMap(\.self)
      outcome.findings += [one.finding].compactMap(\.self).map {
        LinkedFinding(
          finding: $0, explains: [one.attempt.source.description, one.attempt.target.description])
      }
    }
    return outcome
  }
}
