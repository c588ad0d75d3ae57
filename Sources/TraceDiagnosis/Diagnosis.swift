public import TraceModel

/// What was made of an observation.
public struct DiagnosisResult: Sendable {
  /// The root cause first.
  public let findings: [Finding]
  /// Rules whose silence says nothing.
  public let notEvaluated: [NotEvaluated]
}

/// From an observation to findings. Pure: no input but the observation, no clock.
public enum Diagnosis {
  /// The cards of all rules.
  public static var cards: [RuleCard] { RuleCatalog.rules.map { $0.card } }

  /// Evaluates every rule.
  public static func evaluate(_ observation: Observation) -> DiagnosisResult {
    guard let context = DiagnosisContext(observation) else {
      let skipped = RuleCatalog.rules.map {
        NotEvaluated(id: $0.card.id, because: "the parent interface was not observed")
      }
      return DiagnosisResult(findings: [], notEvaluated: skipped)
    }
    var findings: [Finding] = []
    var notEvaluated: [NotEvaluated] = []
    for rule in RuleCatalog.rules {
      switch rule.evaluate(context) {
      case .findings(let found): findings += found
      case .notEvaluated(let because): notEvaluated.append(NotEvaluated(id: rule.card.id, because: because))
      }
    }
    return DiagnosisResult(findings: findings, notEvaluated: notEvaluated)
  }
}
