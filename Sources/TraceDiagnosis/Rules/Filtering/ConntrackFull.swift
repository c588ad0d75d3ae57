import NetworkAddresses
import TraceModel

/// `conntrack-full`: the table of tracked connections has no place left.
enum ConntrackFull: Rule {
  static let card = RuleCard(
    id: "conntrack-full", title: "the connection table is full", severity: .error,
    explanation: """
      A packet filter that knows connections keeps each in a table. The table is full, so the first packet of every \
      new connection is dropped, while the connections that are in it go on.
      """,
    proof: """
      The kernel freed the packet in the packet filter's hook, and the namespace's count of packets dropped for \
      want of an entry rose, or the table is at its limit.
      """,
    fix: "Raise net.netfilter.nf_conntrack_max, or find who opens so many connections.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let cases = FilterCase.all(context).filter { one in
      guard let state = context.state(one.dropped.namespace)?.connections else { return false }
      let isFull = state.limit > 0 && state.count >= state.limit - state.limit / 50
      return dropped(context, one.dropped.namespace) > 0 || isFull && one.culprit == nil
    }
    var told: Set<UInt64> = []
    let findings = cases.compactMap { one -> Finding? in
      let namespace = one.dropped.namespace
      guard told.insert(namespace).inserted, let state = context.state(namespace)?.connections else {
        return nil
      }
      let lost = dropped(context, namespace)
      let who = FilterFindings.name(namespace, context)
      var evidence = cases.filter { $0.dropped.namespace == namespace }.map {
        Evidence(.drop, "the kernel freed \($0.dropped.summary) in \(who)")
      }
      evidence.append(Evidence(.state, "\(who) tracks \(state.count) connections of at most \(state.limit)"))
      evidence.append(
        lost > 0
          ? Evidence(.counter, "\(lost) packets were dropped meanwhile because no entry could be made")
          : Evidence(
            .counter, "missing for proof: its count of packets dropped for want of an entry did not rise"))
      return finding(
        lost > 0 ? .proven : .likely, title: "\(who)'s connection table is full",
        subjects: [who, one.flow.target.description], evidence: evidence,
        fixes: [
          Fix(
            "Raise the limit; it is one for the whole machine.",
            commands: [
              "nsenter --net=/proc/1/ns/net sysctl -w net.netfilter.nf_conntrack_max=\(max(state.limit, 32768) &* 2)"
            ]),
          Fix("Find out who opens so many connections: `conntrack -L` in \(who)."),
        ])
    }
    return .findings(findings, flows: Set(cases.map(\.flow)))
  }

  private static func dropped(_ context: DiagnosisContext, _ namespace: UInt64) -> UInt64 {
    guard let now = context.state(namespace)?.connections?.dropped,
      let then = context.stateBefore(namespace)?.connections?.dropped, now >= then
    else { return 0 }
    return now - then
  }
}
