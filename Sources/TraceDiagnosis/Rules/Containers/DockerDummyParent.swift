import NetworkAddresses
import TraceModel

/// `docker-dummy-parent`: the network's parent is a dummy, which leads nowhere.
enum DockerDummyParent: Rule {
  static let card = RuleCard(
    id: "docker-dummy-parent", title: "the parent is a dummy interface, behind which nobody is",
    severity: .error,
    explanation: """
      A macvlan or ipvlan network made without `-o parent=...` gets a dummy interface for its parent, which Docker names \
      `dm-` or `di-` and the network's id. Its containers hear each other, and nothing that leaves the dummy gets \
      anywhere: the kernel counts it as sent and frees it.
      """,
    proof: """
      The parent is of the kind dummy, requests left it, and nothing ever came in.
      """,
    fix: """
      Make the network anew on a real interface: `docker network create -d macvlan -o parent=ens33 ...`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parent.linkKind == "dummy", context.parentWorks, context.framesFromWire == 0 else {
      return .findings([])
    }
    let attempts = context.failures.filter { attempt in
      guard case .child = attempt.asker, !context.isLocal(attempt.target) else { return false }
      return attempt.unanswered.contains { $0.passed(context.parentOut) }
    }
    guard let first = attempts.first else { return .findings([]) }
    let name = context.parent.name
    let gap = context.gap(at: [context.parentIn], attempts)
    let network = context.asker(first.asker)?.container?.network
    var evidence = attempts.prefix(8).map { attempt in
      Evidence(
        .trajectory, "\(attempt.summary) of \(context.name(attempt.asker)) left \(name); nothing came in")
    }
    evidence.append(Evidence(.state, "\(name) is of the kind dummy: no wire is behind it"))
    if name.hasPrefix("dm-") || name.hasPrefix("di-") {
      evidence.append(
        Evidence(.state, "its name is one that Docker gives the parent of a network made without `-o parent`")
      )
    }
    if let gap { evidence.append(Evidence(.state, "missing for proof: \(gap)")) }
    let driver = context.topology.children.contains { $0.kind == .ipvlan } ? "ipvlan" : "macvlan"
    return .findings(
      [
        finding(
          gap == nil ? .proven : .likely,
          title: "\(name) is a dummy: what its containers send to \(first.target) goes nowhere",
          subjects: [context.parent.id.description, first.target.description], evidence: evidence,
          fixes: [
            Fix(
              "Make the network \(network.map { "\($0) " } ?? "")anew on the interface that is to carry it: `docker network "
                + "create -d \(driver) --subnet ... --gateway ... -o parent=INTERFACE \(network ?? "NAME")`, and start its "
                + "containers on it.")
          ])
      ], explaining: attempts)
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    context.parent.linkKind == "dummy" ? "nothing that was to go further left \(context.parent.name)" : nil
  }
}
