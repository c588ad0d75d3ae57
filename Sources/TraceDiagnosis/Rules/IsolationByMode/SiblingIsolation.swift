import NetworkAddresses
import TraceModel

/// Why two children of one parent do not hear each other, by their modes.
enum SiblingIsolation {
  /// A failed attempt from one child to another of the same parent.
  struct Case {
    var attempt: Attempt
    var from: Interface
    var to: Interface
    /// Whether the switch sent the frame back.
    var returned: Bool
  }

  /// The failed attempts between siblings that the target never got.
  static func cases(_ context: DiagnosisContext) -> [Case] {
    context.failures.compactMap { attempt in
      guard case .child(let id) = attempt.asker, let from = context.interface(id),
        let to = context.topology.children.first(where: { $0.owns(attempt.target) }), from.id != to.id,
        from.parent == to.parent, to.up,
        !attempt.unanswered.contains(where: { $0.passed(Hook(to.id, .ingress)) })
      else { return nil }
      return Case(
        attempt: attempt, from: from, to: to,
        returned: attempt.unanswered.contains { $0.passed(context.parentIn) })
    }
  }

  /// One finding for each pair of children.
  static func findings<R: Rule>(
    _ rule: R.Type, _ context: DiagnosisContext, because reason: String, fix: (Case) -> [Fix],
    where condition: (Case) -> Bool
  ) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var pairs: Set<Set<InterfaceID>> = []
    let found = cases(context).filter(condition).filter { pairs.insert([$0.from.id, $0.to.id]).inserted }
    return .findings(
      found.map { one in
        let gap = context.gap(at: [Hook(one.to.id, .ingress), context.parentIn], [one.attempt])
        let isProven = gap == nil && one.to.id.namespace != 0
        let left = one.attempt.unanswered.contains { $0.passed(context.parentOut) }
        let way = left ? "left \(one.from.label) and \(context.parent.name)" : "left \(one.from.label)"
        let back = one.returned ? "the switch returned it, and" : "nothing came back from the switch, and"
        var evidence = [
          Evidence(.trajectory, "\(one.attempt.summary) \(way); \(back) none reached \(one.to.label)"),
          Evidence(
            .state, "\(one.from.label) is in mode \(mode(one.from)), \(one.to.label) in mode \(mode(one.to))"),
        ]
        evidence += context.dropEvidence(one.attempt)
        evidence += context.neighborEvidence(one.attempt.target, in: one.from.id.namespace)
        if !isProven {
          evidence.append(
            Evidence(
              .state,
              "missing for proof: \(gap ?? "nobody looked inside \(one.to.label)'s namespace")"))
        }
        return R.finding(
          isProven ? .proven : .likely,
          title: "\(one.from.label) cannot reach its sibling \(one.to.label): \(reason)",
          subjects: [one.from.id.description, one.to.id.description, one.attempt.target.description],
          evidence: evidence, fixes: fix(one))
      })
  }

  private static func mode(_ interface: Interface) -> String { interface.mode?.rawValue ?? "?" }

  /// Puts those of the two that are not yet into bridge mode.
  static func bridgeFix(_ context: DiagnosisContext, _ one: Case) -> Fix {
    let commands = Commands(context: context)
    let changes = [one.from, one.to].filter { $0.mode != .bridge }.flatMap(commands.setBridgeMode)
    return Fix("Put both children into bridge mode.", commands: changes)
  }
}
