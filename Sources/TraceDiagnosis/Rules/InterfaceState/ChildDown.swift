import NetworkAddresses
import TraceModel

/// `child-down`: the child that is asked for is down.
enum ChildDown: Rule {
  static let card = RuleCard(
    id: "child-down", title: "the macvlan child is down", severity: .error,
    explanation: """
      While a macvlan child is down its MAC address is not known to the parent: what is sent to it is dropped as \
      somebody else's, and broadcasts pass it by.
      """,
    proof: """
      Frames for the child were seen on this host while it was down; or its own kernel, asked to send by it, refused.
      """,
    fix: """
      Set the child up, inside of its namespace: `ip link set eth0 up`. Where a container runtime made it, restart \
      the container.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let downBefore = Set(context.observation.before.interfaces.filter { !$0.up }.map(\.id))
    var findings: [Finding] = []
    for child in context.topology.children where !child.up && child.id.namespace != 0 {
      // Then it cannot be set up.
      if MACDuplicateSameParent.sibling(of: child, context) != nil { continue }
      let attempts = context.failures.filter { child.owns($0.target) }
      let isSender = context.downSender?.id == child.id
      guard let target = attempts.first?.target ?? (isSender ? context.observation.probeRun?.to.address : nil)
      else { continue }
      let isProven = context.isComplete && downBefore.contains(child.id)
      var evidence = attempts.map { attempt in
        Evidence(
          .trajectory, "\(attempt.summary) from \(name(attempt.asker, context)) were seen and not answered")
      }
      evidence.append(Evidence(.state, "\(child.label) is administratively down"))
      evidence += attempts.flatMap(context.dropEvidence)
      if isSender { evidence += context.downSenderEvidence }
      if !isProven {
        evidence.append(
          Evidence(.state, "missing for proof: it was not down from the start, or frames were lost"))
      }
      let command = Commands(context: context).inside(child, "ip link set \(Commands.quoted(child.name)) up")
      findings.append(
        finding(
          isProven ? .proven : .likely, title: "\(child.label) is down",
          subjects: [child.id.description, target.description], evidence: evidence,
          fixes: [Fix("Set the child up.", commands: [command])]))
    }
    return .findings(findings)
  }

  private static func name(_ asker: Attempt.Asker, _ context: DiagnosisContext) -> String {
    switch asker {
    case .host: "this host"
    case .child(let id): context.interface(id)?.label ?? "a sibling"
    case .wire(let mac): mac.description
    }
  }
}
