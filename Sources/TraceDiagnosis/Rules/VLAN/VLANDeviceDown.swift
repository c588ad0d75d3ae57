import NetworkAddresses
import TraceModel

/// `vlan-dev-down`: the sub-interface that children sit on is down.
enum VLANDeviceDown: Rule {
  static let card = RuleCard(
    id: "vlan-dev-down", title: "the VLAN sub-interface is down", severity: .error,
    explanation: """
      The parent is up, and the VLAN sub-interface on it is not: its children have no carrier and hear nothing, and the \
      VLAN's frames that come in are dropped.
      """,
    proof: """
      The sub-interface is down, and frames of its children or for its VLAN were seen and went no further, or this \
      host's own kernel, asked to send by it, refused.
      """,
    fix: """
      Set the sub-interface up: `ip link set ens33.10 up`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var explained: [Attempt] = []
    let findings = context.topology.interfaces.compactMap { vlan -> Finding? in
      guard vlan.kind == .vlan, !vlan.up, context.isLower(vlan.id) else { return nil }
      let children = context.topology.children.filter { $0.parent == vlan.id }
      let attempts = context.failures.filter { attempt in
        if case .child(let id) = attempt.asker, children.contains(where: { $0.id == id }) { return true }
        if attempt.hostInterface == vlan.id { return true }
        guard case .wire = attempt.asker,
          let tag = attempt.unanswered.first?.first(at: context.parentIn)?.frame.outerTag
        else { return false }
        return context.subinterface(of: tag)?.id == vlan.id
      }
      let dead = context.trajectories.filter { trajectory in
        guard let first = trajectory.sightings.first, first.hook.direction == .egress else { return false }
        return children.contains { $0.id == first.hook.interface } && !trajectory.passed(context.parentOut)
      }
      let isSender = context.downSender?.id == vlan.id
      guard !attempts.isEmpty || !dead.isEmpty || isSender else { return nil }
      explained += attempts
      var evidence = [
        Evidence(.state, "\(vlan.name) is administratively down; \(children.count) children sit on it")
      ]
      evidence += attempts.map { Evidence(.trajectory, "\($0.summary) were seen and not answered") }
      if isSender { evidence += context.downSenderEvidence }
      if !dead.isEmpty {
        evidence.append(
          Evidence(
            .trajectory,
            "\(dead.count) frames of its children were sent and never left \(context.parent.name)"))
      }
      return finding(
        .proven, title: "\(vlan.name) is down",
        subjects: [vlan.id.description] + children.map(\.id.description), evidence: evidence,
        fixes: [Fix("Set it up.", commands: ["ip link set dev \(Commands.quoted(vlan.name)) up"])])
    }
    return .findings(findings, explaining: explained)
  }
}
