public import TraceModel

/// What was made of an observation.
public struct DiagnosisResult: Sendable {
  /// The root cause first.
  public let findings: [Finding]
  /// Rules whose silence says nothing.
  public let notEvaluated: [NotEvaluated]
  /// What became of the probe; `nil` where nothing was tried on purpose.
  public let explanation: Explanation?
  /// What happened between the parent's VLANs.
  public let vlanPaths: [VLANPath]
}

/// From an observation to findings. Pure: no input but the observation, no clock.
public enum Diagnosis {
  /// The cards of all rules.
  public static var cards: [RuleCard] {
    // A cause that two hosts' observations prove, too, has one card.
    var told: Set<String> = []
    return (RuleCatalog.rules.map { $0.card } + RuleCatalog.hostRules.map { $0.card }).filter {
      told.insert($0.id).inserted
    }
  }

  /// Evaluates every rule; where nothing is wrong on a probe's side, those of the target's side on the same machine.
  public static func evaluate(_ observation: Observation) -> DiagnosisResult {
    if let run = observation.verification { return verify(observation, run) }
    let near = judge(observation)
    guard var far = observation.far.first, near.findings.allSatisfy(isBeyondThisSide) else { return near }
    far.probeRun = observation.probeRun
    far.routeLookups += observation.routeLookups
    let other = judge(far)
    guard other.findings.contains(where: { !isBeyondThisSide($0) }) else { return near }
    return DiagnosisResult(
      findings: other.findings, notEvaluated: other.notEvaluated, explanation: near.explanation,
      vlanPaths: near.vlanPaths)
  }

  /// Judges the ways between VLANs; where nothing was sent to try them, what live traffic shows is judged as always.
  private static func verify(_ observation: Observation, _ run: VerificationRun) -> DiagnosisResult {
    var plain = observation
    plain.verification = nil
    guard let judge = VerificationJudge(observation, run) else { return evaluate(plain) }
    let live = run.isPassive ? evaluate(plain) : nil
    return DiagnosisResult(
      findings: live?.findings ?? judge.findings, notEvaluated: live?.notEvaluated ?? [], explanation: nil,
      vlanPaths: judge.paths)
  }

  /// Whether a finding says no more than that the cause lies behind the parent.
  private static func isBeyondThisSide(_ finding: Finding) -> Bool {
    [NeighborUnanswered.card.id, NoReplyFromWire.card.id].contains(finding.id)
      || finding.confidence < .proven
        && (refusals.contains(finding.id) || finding.id == IPvlanL3NoReturnRoute.card.id)
  }

  /// Rules that conclude from who is answered on the wire: the target's own side may know better.
  private static var refusals: Set<String> {
    Set(RuleCatalog.rules.compactMap { ($0 as? any RefusalRule.Type)?.card.id })
  }

  private static func judge(_ observation: Observation) -> DiagnosisResult {
    guard var context = DiagnosisContext(observation) else {
      let skipped = RuleCatalog.rules.map {
        NotEvaluated(id: $0.card.id, because: "the parent interface was not observed")
      }
      return DiagnosisResult(findings: [], notEvaluated: skipped, explanation: nil, vlanPaths: [])
    }
    var findings: [Finding] = []
    var notEvaluated: [NotEvaluated] = []
    for rule in RuleCatalog.rules {
      switch rule.evaluate(context) {
      case .findings(let found, let attempts, let flows):
        findings += found
        context.explain(attempts)
        context.explain(flows)
      case .notEvaluated(let because): notEvaluated.append(NotEvaluated(id: rule.card.id, because: because))
      }
    }
    let explanation = observation.probeRun.map { [context] run in
      Explanation(
        run: run, works: run.works, path: ProbeStory(context, run, far: observation.far.first).steps,
        ruledOut: run.works ? [] : runnersUp(context, run, findings))
    }
    return DiagnosisResult(
      findings: findings, notEvaluated: notEvaluated, explanation: explanation,
      vlanPaths: VLANPathJudge(context).paths)
  }

  /// The causes that were not found and about which there is something to say.
  private static func runnersUp(_ context: DiagnosisContext, _ run: ProbeRun, _ findings: [Finding])
    -> [RuledOut]
  {
    let found = Set(findings.map(\.id))
    return RuleCatalog.rules.filter { !found.contains($0.card.id) }.compactMap { rule in
      rule.ruledOut(context, run).map { RuledOut(id: rule.card.id, because: $0) }
    }
  }
}
