import NetworkAddresses
import TraceModel

/// `qdisc-drop`: the queueing discipline of an interface drops what is to leave by it.
enum QdiscDrop: Rule {
  static let card = RuleCard(
    id: "qdisc-drop", title: "an interface's queue drops what is to leave", severity: .error,
    explanation: """
      What leaves an interface goes through a queueing discipline, which may shape it or hold it back. It dropped the \
      packets: its queue is full, its rate is too low, or its limit is smaller than a packet.
      """,
    proof: """
      The kernel freed the packet at the interface with QDISC_DROP as its reason, while the interface and the parent \
      were up with a carrier.
      """,
    fix: "Raise the rate or the limit of the queueing discipline, or take it off.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    // Without a carrier every interface has a queue that drops everything: that is another cause.
    guard context.parentWorks else { return .findings([]) }
    let flows = context.droppedFlows { drop in
      guard drop.reason == "QDISC_DROP" || drop.reason == "QDISC_OVERLIMIT",
        let interface = drop.interface.flatMap(context.interface)
      else { return false }
      return interface.up && interface.carrier
    }
    var told: Set<InterfaceID> = []
    let findings = flows.compactMap { flow -> Finding? in
      guard let id = flow.drop.interface, told.insert(id).inserted, let interface = context.interface(id)
      else {
        return nil
      }
      var evidence = flows.filter { $0.drop.interface == id }.map {
        Evidence(.drop, "the kernel freed \($0.summary) at \(interface.label): \($0.drop.reason ?? "")")
      }
      evidence.append(Evidence(.state, "\(interface.label) and \(context.parent.name) are up with a carrier"))
      let name = Commands.quoted(interface.name)
      let commands = Commands(context: context)
      return finding(
        .proven, title: "the queueing discipline of \(interface.label) drops what is to leave",
        subjects: [id.description, flow.flow.asker.description, flow.flow.target.description],
        evidence: evidence,
        fixes: [
          Fix(
            "Take the queueing discipline off; the kernel's own takes its place. What it is and what it dropped shows "
              + "`\(commands.inside(interface, "tc -s qdisc show dev \(name)"))`.",
            commands: [commands.inside(interface, "tc qdisc del dev \(name) root")]),
          Fix("Or raise its rate or its limit."),
        ])
    }
    return .findings(findings, flows: Set(flows.map(\.flow)))
  }
}
