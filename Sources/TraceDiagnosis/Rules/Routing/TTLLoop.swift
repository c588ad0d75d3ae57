import NetworkAddresses
import TraceModel

/// `ttl-loop`: two routers hand a packet to each other until it is too old.
enum TTLLoop: Rule {
  static let card = RuleCard(
    id: "ttl-loop", title: "a routing loop", severity: .error,
    explanation: """
      Each router takes the other for the way to the target. The packet goes back and forth, its time to live falls by one \
      with each hop, and the last one drops it.
      """,
    proof: """
      The same packet passed the same place again and again, each time with a lower time to live.
      """,
    fix: "Correct the routes of the two routers.")

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var findings: [Finding] = []
    var explained: [Attempt] = []
    var told: Set<IPAddress> = []
    for attempt in context.failures {
      for trajectory in attempt.unanswered {
        guard let loop = loop(trajectory) else { continue }
        explained.append(attempt)
        guard told.insert(attempt.target).inserted else { break }
        let place = context.interface(loop.hook.interface)?.label ?? "\(loop.hook.interface)"
        let macs = Set(trajectory.sightings.map(\.frame.source)).map { name($0, context) }.sorted()
        findings.append(
          finding(
            .proven, title: "packets for \(attempt.target) go round in circles",
            subjects: [attempt.target.description],
            evidence: [
              Evidence(
                .trajectory,
                "one \(attempt.kind.noun(attempt.target)) passed \(place) \(loop.times) times, its time to live falling from "
                  + "\(loop.first) to \(loop.last); it was sent on by \(macs.joined(separator: " and "))")
            ] + context.dropEvidence(attempt),
            fixes: [
              Fix(
                "Correct the route to \(attempt.target) on one of those that sent it on: \(macs.joined(separator: ", ")) (`ip "
                  + "route get \(attempt.target)` there).")
            ]))
        break
      }
    }
    return .findings(findings, explaining: explained)
  }

  private static func name(_ mac: MACAddress, _ context: DiagnosisContext) -> String {
    context.topology.interfaces.first { $0.mac == mac }?.label ?? mac.description
  }

  private static func loop(_ trajectory: Trajectory) -> (hook: Hook, times: Int, first: UInt8, last: UInt8)? {
    for hook in Set(trajectory.sightings.map(\.hook)) {
      let lives = trajectory.sightings.filter { $0.hook == hook }.compactMap(\.frame.ip?.ttl)
      guard let first = lives.first, let last = lives.last, Set(lives).count >= 4, last < first else {
        continue
      }
      return (hook, lives.count, first, last)
    }
    return nil
  }
}
