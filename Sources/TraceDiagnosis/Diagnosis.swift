public import TraceModel

/// What was made of an observation.
public struct DiagnosisResult: Sendable {
  /// The root cause first.
  public let findings: [Finding]
  /// Rules whose silence says nothing.
  public let notEvaluated: [NotEvaluated]
  /// What became of the probe; `nil` where nothing was tried on purpose.
  public let explanation: Explanation?
}

/// From an observation to findings. Pure: no input but the observation, no clock.
public enum Diagnosis {
  /// The cards of all rules.
  public static var cards: [RuleCard] { RuleCatalog.rules.map { $0.card } }

  /// Evaluates every rule.
  public static func evaluate(_ observation: Observation) -> DiagnosisResult {
    guard var context = DiagnosisContext(observation) else {
      let skipped = RuleCatalog.rules.map {
        NotEvaluated(id: $0.card.id, because: "the parent interface was not observed")
      }
      return DiagnosisResult(findings: [], notEvaluated: skipped, explanation: nil)
    }
    var findings: [Finding] = []
    var notEvaluated: [NotEvaluated] = []
    for rule in RuleCatalog.rules {
      switch rule.evaluate(context) {
      case .findings(let found): findings += found
      case .explained(let found, let flows):
        findings += found
        context.explain(flows)
      case .notEvaluated(let because): notEvaluated.append(NotEvaluated(id: rule.card.id, because: because))
      }
    }
    let explanation = observation.probeRun.map { [context] run in
      Explanation(
        run: run, works: run.works, path: ProbeStory(context, run).steps,
        ruledOut: run.works ? [] : runnersUp(context, run, findings))
    }
    return DiagnosisResult(findings: findings, notEvaluated: notEvaluated, explanation: explanation)
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
