import NetworkAddresses
import TraceModel

/// `source-nodst-eats`: a child in source mode with the flag nodst takes what is for another one.
enum SourceNODSTEats: Rule {
  static let card = RuleCard(
    id: "source-nodst-eats", title: "a child in source mode takes what is for its sibling", severity: .error,
    explanation: """
      A macvlan child in source mode gets what the MAC addresses on its list send, whomever it is for. With the flag \
      nodst nobody else gets those frames any more, not even the child or the host that they are addressed to.
      """,
    proof: """
      Frames for one came in at the parent, went to a child in source mode with nodst that lists their sender, and did \
      not reach whom they were for.
      """,
    fix: """
      Take the sender off that child's list, or make the child anew without nodst.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    let eaters = context.topology.children.filter { $0.mode == .source && $0.up && $0.macvlanFlags & 2 != 0 }
    var explained: [Attempt] = []
    let findings = eaters.compactMap { eater -> Finding? in
      let eaten = context.failures.compactMap { Self.eaten($0, eater, context) }
      guard let first = eaten.first else { return nil }
      explained += eaten.map(\.attempt)
      let gap = context.gap(at: [Hook(eater.id, .ingress)], eaten.map(\.attempt))
      let commands = Commands(context: context)
      var told: Set<MACAddress> = []
      let senders = eaten.map(\.sender).filter { told.insert($0).inserted }
      var evidence = eaten.map { one in
        Evidence(
          .trajectory,
          "\(one.count) frames of \(one.sender) for \(one.receiver) came in at \(context.parent.name), went to "
            + "\(eater.label), and did not reach \(one.receiver)")
      }
      evidence.append(
        Evidence(.state, "\(eater.label) is in source mode with nodst, and lists \(first.sender)"))
      if let gap { evidence.append(Evidence(.state, "missing for proof: \(gap)")) }
      return finding(
        gap == nil ? .proven : .likely,
        title: "\(eater.label) takes what \(first.sender) sends to \(first.receiver)",
        subjects: [eater.id.description, first.sender.description, first.attempt.target.description],
        evidence: evidence,
        fixes: [
          Fix(
            "Take the sender off the child's list.",
            commands: senders.map { sender in
              commands.inside(
                eater, "ip link set dev \(Commands.quoted(eater.name)) type macvlan macaddr del \(sender)")
            }), Fix("Make \(eater.label) anew without nodst: then both get the frames."),
        ])
    }
    return .findings(findings, explaining: explained)
  }

  private struct Eaten {
    var attempt: Attempt
    var sender: MACAddress
    var receiver: String
    var count: Int
  }

  /// The frames of an attempt, or the answers to it, that the eater got in somebody's place.
  private static func eaten(_ attempt: Attempt, _ eater: Interface, _ context: DiagnosisContext) -> Eaten? {
    let eaterIn = Hook(eater.id, .ingress)
    guard let first = attempt.unanswered.first else { return nil }
    let frames = context.observation.sightings.filter { sighting in
      guard sighting.hook == eaterIn, sighting.time >= first.start,
        eater.allowedSources.contains(sighting.frame.source)
      else { return false }
      let isRequest = attempt.unanswered.contains { $0.packetID == sighting.packetID }
      return isRequest && !eater.owns(attempt.target)
        || attempt.isAnswered(by: sighting.frame) && attempt.asker != .child(eater.id)
    }
    guard let one = frames.first else { return nil }
    let isRequest = attempt.unanswered.contains { $0.packetID == one.packetID }
    let address = isRequest ? attempt.target : attempt.source
    let owner = context.topology.children.first { $0.owns(address) }
    let ids = Set(frames.map(\.packetID))
    if let owner {
      let reached = context.observation.sightings.contains {
        $0.hook == Hook(owner.id, .ingress) && ids.contains($0.packetID)
      }
      if reached { return nil }
    } else if !context.isHostAddress(address) {
      return nil
    }
    return Eaten(
      attempt: attempt, sender: one.frame.source, receiver: owner?.label ?? "this host", count: frames.count)
  }
}
