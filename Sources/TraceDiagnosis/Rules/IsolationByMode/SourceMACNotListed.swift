import NetworkAddresses
import TraceModel

/// `source-mac-not-listed`: a child in source mode hears the senders on its list alone.
enum SourceMACNotListed: Rule {
  static let card = RuleCard(
    id: "source-mac-not-listed", title: "the sender is not on the child's list", severity: .error,
    explanation: """
      A macvlan child in source mode gets frames from those MAC addresses only that were put on its list. What anybody \
      else sends to it passes it by, also the answers to its own questions.
      """,
    proof: """
      Frames for the child came in at the parent and never reached it; it is up, in source mode, and their source is not \
      on its list.
      """,
    fix: """
      Put the sender on the child's list: `ip link set dev eth0 type macvlan macaddr add MAC`. Or use bridge mode, \
      in which a child hears everybody.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    return .findings(
      context.topology.children.filter { $0.mode == .source && $0.up }.compactMap {
        finding(for: $0, context)
      })
  }

  /// What came in for the child, from whom, and did not reach it.
  private struct Missed {
    var attempt: Attempt
    var sender: MACAddress
    var count: Int
    var isAnswer: Bool
  }

  private static func finding(for child: Interface, _ context: DiagnosisContext) -> Finding? {
    let missed = context.failures.compactMap { Self.missed($0, child, context) }.filter {
      !child.allowedSources.contains($0.sender)
    }
    guard let first = missed.first else { return nil }
    let gap = context.gap(at: [Hook(child.id, .ingress)], missed.map(\.attempt))
    let isProven = gap == nil && child.id.namespace != 0
    var evidence = missed.map { one in
      Evidence(
        .trajectory,
        one.isAnswer
          ? "\(one.attempt.summary) left \(child.label); \(one.count) answers of \(one.sender) came in at "
            + "\(context.parent.name), and none reached \(child.label)"
          : "\(one.attempt.summary) of \(one.sender) came in at \(context.parent.name), and none reached "
            + "\(child.label)")
    }
    let list = child.allowedSources.map(\.description).joined(separator: ", ")
    evidence.append(
      Evidence(
        .state, "\(child.label) is in source mode; its list: \(list.isEmpty ? "nobody" : list)"))
    if !isProven {
      evidence.append(
        Evidence(
          .state,
          "missing for proof: \(gap ?? "nobody looked inside \(child.label)'s namespace")"))
    }
    let commands = Commands(context: context)
    var told: Set<MACAddress> = []
    let senders = missed.map(\.sender).filter { told.insert($0).inserted }
    return finding(
      isProven ? .proven : .likely,
      title: "\(child.label) does not hear \(first.sender): it is not on its list",
      subjects: [child.id.description, first.sender.description, first.attempt.target.description],
      evidence: evidence,
      fixes: [
        Fix(
          "Put the sender on the child's list.",
          commands: senders.map { sender in
            commands.inside(
              child, "ip link set dev \(Commands.quoted(child.name)) type macvlan macaddr add \(sender)")
          }),
        Fix("Use bridge mode, in which a child hears everybody.", commands: commands.setBridgeMode(child)),
      ])
  }

  private static func missed(_ attempt: Attempt, _ child: Interface, _ context: DiagnosisContext) -> Missed? {
    let childIn = Hook(child.id, .ingress)
    if attempt.asker == .child(child.id) {
      let answers = context.answersAtParent(attempt)
      guard let answer = answers.last,
        !context.observation.sightings.contains(where: {
          $0.hook == childIn && attempt.isAnswered(by: $0.frame)
        })
      else { return nil }
      return Missed(
        attempt: attempt, sender: answer.frame.source, count: answers.count, isAnswer: true)
    }
    guard attempt.hostInterface == nil, child.owns(attempt.target) else { return nil }
    let returned = attempt.unanswered.compactMap { $0.first(at: context.parentIn) }
    guard let last = returned.last, !attempt.unanswered.contains(where: { $0.passed(childIn) }) else {
      return nil
    }
    return Missed(attempt: attempt, sender: last.frame.source, count: returned.count, isAnswer: false)
  }
}
