import NetworkAddresses
import TraceModel

/// `neighbor-unanswered`: nobody owns the address that is asked for.
enum NeighborUnanswered: Rule {
  static let card = RuleCard(
    id: "neighbor-unanswered", title: "nobody answers for the address", severity: .error,
    explanation: """
      The address was asked for on the wire and nobody answered: no machine on this segment has it, or that machine \
      is off. The address belongs to no interface that is known here.
      """,
    proof: """
      Requests left the parent, no answer came, other frames did come in, and no known interface has the address.
      """,
    fix: """
      Correct the address, or see to it that the machine that should have it is on this segment, in this VLAN, and \
      up.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let alive = context.framesFromWire
    var findings: [Finding] = []
    for attempt in context.failures where attempt.kind == .resolution && !context.isLocal(attempt.target) {
      let asker: Interface
      switch attempt.asker {
      case .host(let id): asker = context.interface(id) ?? context.parent
      case .child(let id):
        guard let child = context.interface(id) else { continue }
        asker = child
      case .wire: continue
      }
      // A passthru child takes the host's answers: their absence at the host proves nothing.
      if let id = attempt.hostInterface, context.isTakenByPassthru(id) { continue }
      let sent = attempt.unanswered.filter { $0.passed(context.parentOut) }
      guard sent.count >= 2, context.answersAtParent(attempt).isEmpty else { continue }
      let hidden = context.hiddenChildren
      let gap = context.gap(at: [context.parentIn], [attempt])
      let isProven = gap == nil && alive > 0 && hidden.isEmpty
      var evidence = [
        Evidence(.trajectory, "\(attempt.summary) left \(context.parent.name); no answer came in"),
        Evidence(.counter, "\(alive) frames from other machines came in meanwhile"),
        Evidence(.state, "no interface that is known here has \(attempt.target)"),
      ]
      evidence += context.neighborEvidence(attempt.target, in: asker.id.namespace)
      if !isProven {
        evidence.append(
          Evidence(
            .counter,
            "missing for proof: "
              + (!hidden.isEmpty
                ? "the addresses of \(hidden.count) children whose namespace could not be entered"
                : gap ?? "a sign that the segment is alive")))
      }
      let who = attempt.hostInterface != nil ? "this host" : asker.label
      findings.append(
        finding(
          isProven ? .proven : .likely, title: "nobody answers \(who) for \(attempt.target)",
          subjects: [asker.id.description, attempt.target.description], evidence: evidence,
          fixes: [
            Fix(
              "Check the address \(attempt.target), and that the machine that should have it is on this segment and up."
            )
          ]))
    }
    return .findings(findings)
  }
}
