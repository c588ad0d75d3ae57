import NetworkAddresses
import TraceModel

/// A rule for one reason why the wire refuses some of this host's MAC addresses.
protocol RefusalRule: Rule {
  /// Whether that is the one.
  static func isCause(_ cause: RefusalCause) -> Bool
  /// What it says of the children whose addresses are refused.
  static func title(_ children: String, _ context: DiagnosisContext, _ cause: RefusalCause) -> String
  /// Further evidence.
  static func evidence(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Evidence]
  /// What would prove it, where it is not proven.
  static var missing: String { get }
  static func fixes(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Fix]
}

extension RefusalRule {
  static func evidence(_ refused: [RefusedAddress], _ context: DiagnosisContext) -> [Evidence] {
    [Platform.evidence(context.observation.hardware, context.parent)].compactMap(\.self)
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var confidence = Confidence.proven
    var cause: RefusalCause?
    let refused = WireAnswers(context).refused().filter { one in
      guard let (favoured, sureness) = RefusalCause.favoured(one, context), isCause(favoured) else {
        return false
      }
      confidence = min(confidence, sureness)
      cause = favoured
      return true
    }
    guard !refused.isEmpty, let cause else { return .findings([]) }
    let attempts = refused.flatMap(\.attempts)
    let gap = context.gap(at: [context.parentIn], attempts)
    if gap != nil { confidence = min(confidence, .likely) }
    var told: [Evidence] = refused.flatMap { one in
      let answered = one.answered.map { "\($0.label) (\($0.mac.map { "\($0)" } ?? "?"))" }.joined(
        separator: ", ")
      let asked = one.attempts.map(\.summary).joined(separator: ", ")
      return [
        Evidence(
          .trajectory,
          "\(asked) left \(context.parent.name) from \(one.child.label) (\(one.mac)); not one frame for that MAC address "
            + "came in"),
        Evidence(
          .trajectory,
          "\(one.stations.map(\.description).joined(separator: ", ")) answered \(answered) on the same interface"
        ),
      ] + (one.hearing.map { [Evidence(.trajectory, $0)] } ?? [])
    }
    told += evidence(refused, context)
    if confidence != .proven {
      told.append(Evidence(.state, "missing for proof: \(gap ?? missing)"))
    }
    let children = refused.map(\.child.label).joined(separator: ", ")
    return .findings(
      [
        finding(
          confidence, title: title(children, context, cause),
          subjects: refused.map(\.child.id.description) + [context.parent.id.description]
            + Set(attempts.map(\.target.description)).sorted(), evidence: told,
          fixes: fixes(refused, context))
      ], explaining: attempts)
  }

  /// What would tell this cause from the one that was found, where it is the other name for the same symptom.
  static func runnerUp(_ context: DiagnosisContext, where others: (RefusalCause) -> Bool, _ text: String)
    -> String?
  {
    let found = WireAnswers(context).refused().compactMap { RefusalCause.favoured($0, context)?.0 }
    return found.contains(where: others) ? text : nil
  }
}
