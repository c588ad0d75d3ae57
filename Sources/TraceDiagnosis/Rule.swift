import TraceModel

/// What a rule made of an observation.
enum RuleOutcome {
  case findings([Finding])
  /// Findings, and the flows whose failure they explain: rules after this one are silent about those.
  case explained([Finding], Set<Flow>)
  /// Its silence would mean nothing: what was missing.
  case notEvaluated(String)
}

/// One root cause: a pure function of what was observed.
protocol Rule: Sendable {
  static var card: RuleCard { get }
  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome
  /// What speaks against this cause for a probe that failed otherwise; `nil` where nobody would think of it.
  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String?
}

extension Rule {
  /// Nobody would think of it.
  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? { nil }
}

extension Rule {
  /// Makes a finding of this cause.
  static func finding(
    _ confidence: Confidence, title: String, subjects: [String], path: [PathStep] = [], evidence: [Evidence],
    fixes: [Fix]
  ) -> Finding {
    Finding(
      id: card.id, severity: card.severity, confidence: confidence, title: title,
      explanation: card.explanation,
      subjects: subjects, path: path, evidence: evidence, fixes: fixes)
  }
}
