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

  /// Evaluates every rule; of a probe also those of the target's and the router's sides on the same machine.
  public static func evaluate(_ observation: Observation) -> DiagnosisResult {
    if let run = observation.verification { return verify(observation, run) }
    let observer = observation.observerNamespace
    let place = FarFindings(observation, observer: observer)
    var named = place?.named(observation) ?? observation
    named.far = observation.far.map { FarFindings($0, observer: observer)?.named($0) ?? $0 }
    let near = judge(named)
    let own = near.findings.map { place?.translated($0) ?? $0 }
    let far = FarSide(observation) { judge($0).findings }
    return DiagnosisResult(
      findings: far.joined(with: own), notEvaluated: near.notEvaluated, explanation: near.explanation,
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
        run: run, works: run.works, path: ProbeStory(context, run, far: observation.far).steps,
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
