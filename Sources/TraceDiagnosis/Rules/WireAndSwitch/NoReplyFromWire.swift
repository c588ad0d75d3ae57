import NetworkAddresses
import TraceModel

/// `no-reply-from-wire`: sent as it should be, and never answered.
enum NoReplyFromWire: Rule {
  static let card = RuleCard(
    id: "no-reply-from-wire", title: "sent, and never answered from the wire", severity: .error,
    explanation: """
      The packets left this host as they should, to a MAC address that was resolved, and nothing came back. What \
      stops them lies beyond this host: the peer, its firewall, its way back, or the switch between.
      """,
    proof: """
      Requests left the parent for a MAC address that is not of this host, and no packet from the target came in.
      """,
    fix: """
      Observe at the peer, too, and join the two observations with `macvtrace report`: that tells whether the requests \
      arrive there. If they do and no reply leaves, it is the peer's firewall or its way back; if they do not, it is the \
      switch.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    var findings: [Finding] = []
    var told: Set<String> = []
    for attempt in context.failures where attempt.kind != .resolution && !context.isLocal(attempt.target) {
      let asker: Interface
      switch attempt.asker {
      case .host(let id): asker = context.interface(id) ?? context.parent
      case .child(let id):
        guard let child = context.interface(id) else { continue }
        asker = child
      case .wire: continue
      }
      if let id = attempt.hostInterface, context.isTakenByPassthru(id) { continue }
      let sent = attempt.unanswered.compactMap { $0.first(at: context.parentOut) }
      guard let last = sent.last, !context.isLocal(last.frame.destination),
        !last.frame.destination.isMulticast,
        context.answersAtParent(attempt).isEmpty, told.insert("\(asker.id) \(attempt.target)").inserted
      else { continue }
      let gap = context.gap(at: [context.parentIn], [attempt])
      let isProven = gap == nil && sent.count == attempt.unanswered.count
      var evidence = [
        Evidence(
          .trajectory,
          "\(attempt.summary) left \(context.parent.name) for \(last.frame.destination)\(tag(last)); no packet from "
            + "\(attempt.target) came in"),
        Evidence(
          .state,
          "ruled out here: \(context.parent.name) is up with a carrier, \(asker.label) is up, the next hop's MAC "
            + "address is resolved and is not of this host"),
      ]
      if !isProven {
        evidence.append(Evidence(.counter, "missing for proof: \(gap ?? "some frames were not recorded")"))
      }
      let who = attempt.hostInterface != nil ? "this host" : asker.label
      findings.append(
        finding(
          isProven ? .proven : .likely, title: "\(attempt.target) never answers \(who)",
          subjects: [asker.id.description, attempt.target.description], evidence: evidence,
          fixes: [
            Fix(
              "Look at the peer: run `macvtrace attach` there meanwhile. If the requests arrive and no reply leaves, "
                + "it is the peer's firewall or route; if they do not arrive, it is the switch.")
          ]))
    }
    return .findings(findings)
  }

  private static func tag(_ sighting: Sighting) -> String {
    sighting.frame.outerTag.map { " in VLAN \($0.vlanID)" } ?? ""
  }
}
