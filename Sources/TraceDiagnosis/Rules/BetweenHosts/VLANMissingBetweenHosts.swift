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
    for (attempt, finding) in TrunkGap.findings(gaps) {
      guard finding.confidence == .proven else {
        outcome.notEvaluated += finding.evidence.suffix(1).map(\.text)
        continue
      }
      outcome.findings.append(
        LinkedFinding(
          finding: finding, explains: [attempt.source.description, attempt.target.description]))
    }
    return outcome
  }
}
