import NetworkAddresses
import TraceModel

/// `default-mode-vepa`: this host's own macvlan interface was made without a mode.
///
/// Between two containers in VEPA mode nobody can tell whether that was chosen: `vepa-no-reflective-relay` speaks of them.
/// A host's own interface beside its parent is made by hand, for no other reason than to reach its siblings.
enum DefaultModeVEPA: Rule {
  static let card = RuleCard(
    id: "default-mode-vepa", title: "the host's own macvlan interface is in VEPA mode", severity: .error,
    explanation: """
      `ip link add ... type macvlan` without `mode bridge` makes an interface in VEPA mode. It sends everything to the \
      switch, also what is for a sibling, and an ordinary switch port does not send that back. So a host that was given \
      an interface of its own to reach its containers does not reach them by it.
      """,
    proof: """
      Frames between the host's own macvlan interface, which is in VEPA mode, and a child of the same parent left the \
      parent, did not come back and did not reach the other.
      """,
    fix: """
      Put it into bridge mode: `ip link set dev NAME type macvlan mode bridge`. Both sides have to be.
      """)

  private struct Case {
    var attempt: Attempt
    /// The host's own interface.
    var own: Interface
    /// The container's.
    var other: Interface
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let all = context.failures.compactMap { one($0, context) }
    let owns = context.topology.children.filter { child in all.contains { $0.own.id == child.id } }
    return .findings(
      owns.map { own in finding(own, all.filter { $0.own.id == own.id }, context) },
      explaining: all.map(\.attempt))
  }

  private static func one(_ attempt: Attempt, _ context: DiagnosisContext) -> Case? {
    guard case .child(let id) = attempt.asker, let from = context.interface(id),
      attempt.unanswered.contains(where: { $0.passed(context.parentOut) }),
      !attempt.unanswered.contains(where: { $0.passed(context.parentIn) })
    else { return nil }
    let target = context.topology.children.first { $0.owns(attempt.target) }
    let isOwn = { (child: Interface) in context.isInHostNamespace(child) && child.mode == .vepa && child.up }
    let pair: (own: Interface, other: Interface)?
    if isOwn(from), let target {
      pair = (from, target)
    } else if let target, isOwn(target) {
      pair = (target, from)
    } else if context.isHostAddress(attempt.target) {
      // The host's address behind which that interface is the way back.
      pair = context.topology.children.first {
        isOwn($0)
          && context.route(to: attempt.source, in: $0.id.namespace)?.interface == $0.id
      }.map { ($0, from) }
    } else {
      pair = nil
    }
    guard let pair, pair.own.id != pair.other.id, pair.own.parent == pair.other.parent, pair.other.up,
      pair.other.mode == .bridge || pair.other.mode == .vepa,
      !attempt.unanswered.contains(where: { $0.passed(Hook(pair.other.id, .ingress)) })
        || from.id == pair.other.id
    else { return nil }
    return Case(attempt: attempt, own: pair.own, other: pair.other)
  }

  private static func finding(_ own: Interface, _ all: [Case], _ context: DiagnosisContext) -> Finding {
    let commands = Commands(context: context)
    var told: Set<InterfaceID> = []
    let others = all.map(\.other).filter { told.insert($0.id).inserted }
    let ends = [own] + others
    let gap = context.gap(
      at: [context.parentIn] + ends.map { Hook($0.id, .ingress) }, all.map(\.attempt))
    let isProven = gap == nil && others.allSatisfy { $0.id.namespace != 0 }
    var evidence = all.map { one in
      Evidence(
        .trajectory,
        "\(one.attempt.summary) left \(context.asker(one.attempt.asker)?.label ?? "a child") and \(context.parent.name); "
          + "nothing came back from the switch, and none reached "
          + (context.asker(one.attempt.asker)?.id == own.id ? one.other.label : own.label))
    }
    evidence.append(
      Evidence(
        .state,
        "\(own.label) is this host's own, and in mode vepa, as `ip link` makes one without a mode; "
          + others.map { "\($0.label) is in mode \($0.mode?.rawValue ?? "?")" }.joined(separator: ", ")))
    evidence += all.flatMap { context.dropEvidence($0.attempt) }
    if !isProven {
      evidence.append(
        Evidence(.state, "missing for proof: \(gap ?? "nobody looked inside a child's namespace")"))
    }
    let wrong = ends.filter { $0.mode == .vepa }
    return Self.finding(
      isProven ? .proven : .likely,
      title: "\(own.label) is in VEPA mode: this host does not reach its containers by it",
      subjects: ends.map(\.id.description) + Set(all.map(\.attempt.target.description)).sorted(),
      evidence: evidence,
      fixes: [
        Fix(
          wrong.count == 1 ? "Put \(own.label) into bridge mode." : "Put both sides into bridge mode.",
          commands: wrong.flatMap(commands.setBridgeMode)),
        Fix("Have the switch return frames on this port (hairpin; reflective relay, IEEE 802.1Qbg)."),
      ])
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    let own = context.topology.children.filter(context.isInHostNamespace)
    guard !own.isEmpty, own.allSatisfy({ $0.mode == .bridge }) else { return nil }
    return "\(own.map(\.label).joined(separator: ", ")), this host's own, is in bridge mode"
  }
}
