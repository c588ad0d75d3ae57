import NetworkAddresses
import TraceModel

/// `mac-behind-child`: something behind a child sends under a MAC address of its own.
enum MACBehindChild: Rule {
  static let card = RuleCard(
    id: "mac-behind-child", title: "answers to a MAC address behind a child do not reach it",
    severity: .error,
    explanation: """
      A virtual machine, a bridge or a tap behind a macvlan child sends under a MAC address that is not the child's. The \
      frames leave; the answers come back to the parent, which knows its children's own addresses alone, and nobody \
      takes them.
      """,
    proof: """
      The child sent frames from a foreign MAC address, the answers to it came in at the parent, and none reached the \
      child.
      """,
    fix: """
      Connect the machine behind to a bridge or a macvtap of the parent instead; a child in passthru mode takes every \
      address; routing with the child's own address works, too.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var told: Set<InterfaceID> = []
    var explained: [Attempt] = []
    let findings = context.failures.compactMap { attempt -> Finding? in
      guard case .child(let id) = attempt.asker, let child = context.interface(id), child.kind != .ipvlan,
        child.mode != .passthru, let foreign = attempt.unanswered.first?.frame?.source, foreign != child.mac,
        !context.isLocal(foreign)
      else { return nil }
      let answers = context.answersAtParent(attempt).filter { $0.frame.destination == foreign }
      let reached = context.observation.sightings.contains {
        $0.hook == Hook(id, .ingress) && $0.frame.destination == foreign
      }
      guard !answers.isEmpty, !reached else { return nil }
      explained.append(attempt)
      guard told.insert(id).inserted else { return nil }
      let gap = context.gap(at: [Hook(id, .ingress)], [attempt])
      let own = child.mac.map { "\($0)" } ?? "?"
      var evidence = [
        Evidence(
          .trajectory,
          "\(attempt.summary) left \(child.label) from \(foreign); \(answers.count) answers to that address came in at "
            + "\(context.parent.name), and none reached \(child.label)"),
        Evidence(.state, "\(child.label)'s own MAC address is \(own)"),
      ]
      if let gap { evidence.append(Evidence(.state, "missing for proof: \(gap)")) }
      return finding(
        gap == nil ? .proven : .likely,
        title: "what is behind \(child.label) sends from \(foreign), and hears no answer",
        subjects: [child.id.description, foreign.description, attempt.target.description], evidence: evidence,
        fixes: fixes(child, foreign, context))
    }
    return .findings(findings, explaining: explained)
  }

  private static func fixes(_ child: Interface, _ foreign: MACAddress, _ context: DiagnosisContext) -> [Fix] {
    let commands = Commands(context: context)
    return [
      Fix(
        "Give \(child.label) the MAC address that is used behind it, where there is just one.",
        commands: [
          commands.inside(child, "ip link set dev \(Commands.quoted(child.name)) address \(foreign)")
        ]),
      Fix(
        "Connect it to a bridge on \(context.parent.name), or give it a macvtap of its own; of one machine a child in "
          + "passthru mode takes every address."),
    ]
  }
}
