import NetworkAddresses
import TraceModel

/// Findings about what packet filters drop: one for each namespace and rule.
enum FilterFindings {
  private struct Key: Hashable {
    var namespace: UInt64
    var culprit: String?
  }

  /// What a rule says of its cases, and what they explain.
  ///
  /// - Parameters:
  ///   - owner: whose filter it is, for the title.
  ///   - note: what else speaks for it.
  static func outcome<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, _ cases: [FilterCase],
    owner: (UInt64) -> String, note: (FilterCase) -> [Evidence] = { _ in [] }, fixes: [Fix] = []
  ) -> RuleOutcome {
    let keys = cases.map { Key(namespace: $0.dropped.namespace, culprit: $0.culprit?.label) }
    var told: Set<Key> = []
    var findings: [Finding] = []
    for key in keys where told.insert(key).inserted {
      let same = zip(keys, cases).filter { $0.0 == key }.map(\.1)
      guard let first = same.first else { continue }
      let namespace = first.dropped.namespace
      let isProven = same.contains { $0.isStated || $0.culprit?.counted ?? 0 > 0 }
      var evidence = same.map {
        Evidence(
          .drop, "the kernel freed \($0.dropped.summary)\(reason($0.dropped)) in \(name(namespace, context))")
      }
      evidence += self.evidence(first, context) + note(first)
      if !isProven {
        evidence.append(
          Evidence(.drop, "missing for proof: this kernel gives no reasons, and no rule's counter rose"))
      }
      let asker = first.isAnswer ? "the answers of \(first.flow.target)" : first.flow.noun
      findings.append(
        R.finding(
          isProven ? .proven : .likely,
          title: "\(owner(namespace)) drops \(asker)\(first.isAnswer ? "" : " from \(first.flow.asker)")",
          subjects: [name(namespace, context), first.flow.asker.description, first.flow.target.description],
          path: path(first, context), evidence: evidence,
          fixes: fixes + FilterFixes(context: context, cases: same).fixes))
    }
    return .findings(findings, flows: Set(cases.map(\.flow)))
  }

  /// What a person calls a namespace.
  static func name(_ namespace: UInt64, _ context: DiagnosisContext) -> String {
    namespace == context.parent.id.namespace
      ? "this host" : context.topology.namespace(namespace)?.name ?? "namespace \(namespace)"
  }

  private static func reason(_ dropped: DroppedFlow) -> String {
    let words = [dropped.drop.reason, dropped.drop.location.map { "at \($0)" }].compactMap { $0 }
    return words.isEmpty ? "" : " (\(words.joined(separator: " ")))"
  }

  private static func evidence(_ one: FilterCase, _ context: DiagnosisContext) -> [Evidence] {
    guard let culprit = one.culprit else {
      guard let filters = context.state(one.dropped.namespace)?.filters else {
        return [Evidence(.state, "which rule it was is not known: the rules could not be read")]
      }
      let legacy = filters.legacyTables
      let what =
        legacy.isEmpty
        ? "no rule of nf_tables that is there now explains it"
        : "no rule of nf_tables explains it; iptables-legacy has rules there (\(legacy.joined(separator: ", ")))"
      return [Evidence(.state, what)]
    }
    let count = culprit.counted.map { ", which counted \($0) packet\($0 == 1 ? "" : "s") meanwhile" } ?? ""
    switch culprit.certainty {
    case .certain: return [Evidence(.state, "it was \(culprit.label)\(count)")]
    case .counted: return [Evidence(.counter, "it was \(culprit.label)\(count)")]
    case .possible:
      return [
        Evidence(.state, "it may have been \(culprit.label): some of its conditions could not be compared")
      ]
    }
  }

  private static func path(_ one: FilterCase, _ context: DiagnosisContext) -> [PathStep] {
    guard let last = one.dropped.trajectories.last else { return [] }
    var text = one.dropped.summary
    var steps: [PathStep] = []
    for sighting in last.sightings {
      let label = context.interface(sighting.hook.interface)?.label ?? "\(sighting.hook.interface)"
      steps.append(PathStep(label, sighting.hook.direction, .passed, text))
      text = ""
    }
    return steps + [
      PathStep(
        "\(name(one.dropped.namespace, context))'s packet filter", nil, .dropped, one.culprit?.label ?? text)
    ]
  }
}
