import TraceModel

/// What a rule made of an observation.
enum RuleOutcome {
  /// What was found, and the failed attempts or whole flows that it is the reason of: no later, more general rule speaks
  /// of those.
  case findings([Finding], explaining: [Attempt] = [], flows: Set<Flow> = [])
  /// Its silence would mean nothing: what was missing.
  case notEvaluated(String)
}

/// A root cause that can be found.
protocol Cause: Sendable {
  static var card: RuleCard { get }
}

/// One root cause: a pure function of what was observed.
protocol Rule: Cause {
  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome
  /// What speaks against this cause for a probe that failed otherwise; `nil` where nobody would think of it.
  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String?
}

extension Rule {
  /// Nobody would think of it.
  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? { nil }
}

/// One root cause that lies between two hosts: a pure function of what was observed on both.
protocol HostRule: Cause {
  static func evaluate(_ pair: HostPair) -> HostRuleOutcome
}

/// What a rule made of the observations of two hosts.
struct HostRuleOutcome {
  var findings: [LinkedFinding] = []
  /// What would be needed to judge the rest, sentence by sentence.
  var notEvaluated: [String] = []
}

/// A finding between hosts, with what each of them could say of it alone.
struct LinkedFinding {
  var finding: Finding
  /// The addresses whose silence it explains.
  var explains: Set<String> = []
}

extension Cause {
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
