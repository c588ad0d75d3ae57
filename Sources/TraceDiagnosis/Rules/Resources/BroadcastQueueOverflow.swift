import NetworkAddresses
import TraceModel

/// `bc-queue-overflow`: the parent's queue for broadcasts to its children is full.
enum BroadcastQueueOverflow: Rule {
  static let card = RuleCard(
    id: "bc-queue-overflow", title: "broadcasts to the children are dropped: their queue is full",
    severity: .warning,
    explanation: """
      A macvlan parent copies broadcasts and multicasts to its children from a queue of its own, in the background. \
      More came than the queue holds, and the rest was dropped: children miss ARP requests and are not found by others.
      """,
    proof: """
      The kernel freed broadcasts or multicasts at the parent in the macvlan driver, and the parent's count of \
      dropped frames rose by as many.
      """,
    fix: "Raise a child's bcqueuelen: the longest that a child asks for is the parent's.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let drops = context.observation.drops.filter { drop in
      drop.interface == context.parent.id && drop.location?.hasPrefix("macvlan_") == true
        && drop.frame?.destination.isMulticast != false
    }
    let bridged = context.topology.children.first { $0.kind == .macvlan || $0.kind == .macvtap }
    guard !drops.isEmpty, let child = bridged else { return .findings([]) }
    let risen = increase(context)
    // The driver frees for other reasons, too, which are not counted.
    guard risen >= UInt64(drops.count) else { return .findings([]) }
    let ids = Set(drops.compactMap(\.packetID))
    // Whose questions for a MAC address were among them.
    let lost = context.failures.filter { attempt in
      attempt.kind == .resolution && attempt.unanswered.contains { ids.contains($0.packetID) }
    }
    let used = child.broadcastQueueLengthUsed ?? 1000
    let evidence = [
      Evidence(
        .drop,
        "the kernel freed \(drops.count) broadcasts at \(context.parent.name) in the macvlan driver"
          + (drops[0].location.map { " (\($0))" } ?? "")),
      Evidence(.counter, "\(context.parent.name) counted \(risen) dropped frames meanwhile"),
      Evidence(.state, "its queue holds \(used) frames"),
    ]
    let commands = Commands(context: context)
    return .findings(
      [
        finding(
          .proven,
          title: "\(context.parent.name) drops broadcasts to its children: the queue is full",
          subjects: [context.parent.id.description], evidence: evidence,
          fixes: [
            Fix(
              "Have the queue hold more.",
              commands: [
                commands.inside(
                  child,
                  "ip link set dev \(Commands.quoted(child.name)) type macvlan bcqueuelen \(max(used, 1000) * 4)"
                )
              ]),
            Fix("Find out who sends so many broadcasts; `macvtrace attach` counts them by MAC address."),
          ])
      ], explaining: lost)
  }

  private static func increase(_ context: DiagnosisContext) -> UInt64 {
    guard let now = context.observation.after.interface(context.parent.id)?.statistics?.receiveDropped,
      let then = context.observation.before.interface(context.parent.id)?.statistics?.receiveDropped,
      now >= then
    else { return 0 }
    return now - then
  }
}
