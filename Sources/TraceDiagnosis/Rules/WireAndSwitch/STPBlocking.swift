import NetworkAddresses
import TraceModel

/// `stp-blocking`: the switch port does not forward yet.
enum STPBlocking: Rule {
  static let card = RuleCard(
    id: "stp-blocking", title: "the switch port seems not to forward frames (yet)", severity: .error,
    explanation: """
      After its link came up, a switch port that runs the Spanning Tree Protocol carries no frames for half a minute, or \
      for good where it found a loop; BPDUs are all that it sends. Whatever this host sends is dropped there.
      """,
    proof: """
      Requests left the parent and were not answered, and BPDUs were all that came in from the wire.
      """,
    fix: """
      Wait half a minute and try again; make the port one for hosts (`spanning-tree portfast`; on a Linux bridge a \
      forward_delay of 2 seconds, or no STP). Where it lasts, look for the loop.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks, context.framesFromWire == 0 else { return .findings([]) }
    let heard = context.observation.counters.filter {
      $0.hook == context.parentIn && !context.isLocal($0.source) && BPDUGuard.isBPDU($0.destination)
    }
    let count = heard.reduce(0) { $0 + $1.frames }
    let attempts = context.failures.filter { attempt in
      if case .wire = attempt.asker { return false }
      return !context.isLocal(attempt.target)
        && attempt.unanswered.contains { $0.first(at: context.parentOut)?.frame.outerTag == nil }
        && attempt.unanswered.count { $0.passed(context.parentOut) } >= 2
    }
    // A tagged request's silence can as well be the VLAN's.
    guard count >= 2, let first = attempts.first else { return .findings([]) }
    let gap = context.gap(at: [context.parentIn], attempts)
    let bridge = heard.first.map { "\($0.source)" } ?? "?"
    return .findings(
      [
        finding(
          gap == nil ? .likely : .possible,
          title: "the switch port of \(context.parent.name) sends BPDUs and carries nothing else",
          subjects: [context.parent.id.description] + Set(attempts.map(\.target)).sorted().map(\.description),
          evidence: [
            Evidence(
              .trajectory, "\(first.summary) left \(context.parent.name); no answer came in"),
            Evidence(
              .counter,
              "\(count) BPDUs came in at \(context.parent.name), the first from \(bridge), and not one other frame from "
                + "the wire"),
            Evidence(
              .state,
              "missing for proof: \(gap ?? "that it heals by itself, or the port's state (`show spanning-tree`)")"
            ),
          ],
          fixes: [
            Fix(
              "Wait half a minute and try again. If it works then: make the port of \(context.parent.name) one for hosts "
                + "(`spanning-tree portfast`). If not: look at the port's state on the switch, for a loop; or nobody else "
                + "is on this segment.")
          ])
      ], explaining: context.failures.filter { attempt in attempts.contains { $0.key == attempt.key } })
  }

  static func ruledOut(_ context: DiagnosisContext, _ run: ProbeRun) -> String? {
    let alive = context.framesFromWire
    let hasBPDUs = context.observation.counters.contains {
      $0.hook == context.parentIn && BPDUGuard.isBPDU($0.destination)
    }
    return hasBPDUs && alive > 0
      ? "the switch port speaks STP, and carries other frames, too: \(alive) came in" : nil
  }
}
