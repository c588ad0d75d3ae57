import NetworkAddresses
import TraceModel

/// `cpu-backlog`: a CPU's queue of frames that came in was full.
enum CPUBacklog: Rule {
  static let card = RuleCard(
    id: "cpu-backlog", title: "frames are dropped because a CPU is too slow", severity: .warning,
    explanation: """
      Frames between macvlan children, and those of veth pairs, wait in a queue of the CPU that is to take them in. \
      The queue was full: more came than that CPU could handle, and the rest was dropped.
      """,
    proof: """
      The kernel freed buffers at observed interfaces with CPU_BACKLOG as the reason, and the machine's count of such \
      drops rose meanwhile.
      """,
    fix: "Raise net.core.netdev_max_backlog, or spread the load over more CPUs (receive packet steering).")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let drops = context.observation.drops.filter { $0.reason == "CPU_BACKLOG" }
    guard let first = drops.first else { return .findings([]) }
    let host = context.parent.id.namespace
    var risen: UInt64 = 0
    if let now = context.state(host)?.backlog?.dropped,
      let then = context.stateBefore(host)?.backlog?.dropped,
      now >= then
    {
      risen = now - then
    }
    let places = Set(drops.compactMap(\.interface)).compactMap(context.interface).map(\.label).sorted()
    var evidence = [
      Evidence(
        .drop, "the kernel freed \(drops.count) buffers (CPU_BACKLOG) at \(places.joined(separator: ", "))"),
      Evidence(
        .counter, "the machine's count of frames dropped so rose by \(risen) (/proc/net/softnet_stat)"),
    ]
    if risen == 0 {
      evidence.append(Evidence(.counter, "missing for proof: that count did not rise, or was not read"))
    }
    let ids = Set(drops.compactMap(\.packetID))
    let lost = context.failures.filter { $0.unanswered.contains { ids.contains($0.packetID) } }
    let flows = context.droppedFlows { $0.reason == "CPU_BACKLOG" }.map(\.flow)
    return .findings(
      [
        finding(
          risen > 0 ? .proven : .likely,
          title: "a CPU's queue was full, and \(drops.count) buffers were dropped",
          subjects: [first.interface?.description ?? context.parent.id.description], evidence: evidence,
          fixes: [
            Fix(
              "Have the queue hold more; it is the whole machine's.",
              commands: ["nsenter --net=/proc/1/ns/net sysctl -w net.core.netdev_max_backlog=10000"]),
            Fix("Spread the load over more CPUs (rps_cpus of the parent's queues)."),
          ])
      ], explaining: lost, flows: Set(flows))
  }
}
