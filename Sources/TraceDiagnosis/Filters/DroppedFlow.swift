import NetworkAddresses
import TraceModel

/// Packets of a flow that the kernel freed in one namespace, after which none got through.
struct DroppedFlow {
  var flow: Flow
  /// Whether they are what came back, not what was sent.
  var isAnswer: Bool
  /// The namespace in which they were freed.
  var namespace: UInt64
  /// In time order; each was freed there.
  var trajectories: [Trajectory]
  /// How the last one was freed.
  var drop: Drop
  /// The last one as the namespace got it.
  var frame: Frame
  /// What it came in by; `nil` for what the namespace sent itself.
  var input: InterfaceID?

  /// `3 echo requests from 172.22.16.20`.
  var summary: String {
    let count = trajectories.count
    let noun = isAnswer ? flow.answerNoun : flow.noun
    let (from, to) = isAnswer ? (flow.target, flow.asker) : (flow.asker, flow.target)
    return "\(count == 1 ? Self.singular(noun) : "\(count) \(noun)") from \(from) to \(to)"
  }

  private static func singular(_ noun: String) -> String {
    "1 "
      + noun.replacing("requests", with: "request").replacing("replies", with: "reply")
      .replacing("solicitations", with: "solicitation").replacing("advertisements", with: "advertisement")
      .replacing("SYNs", with: "SYN").replacing("datagrams", with: "datagram")
      .replacing("answers", with: "answer")
  }
}

extension DiagnosisContext {
  /// Whether an answer to what was asked then would have come by now: it was waited for long enough, or what became of
  /// the probe is known.
  func isOver(_ flow: Flow, since time: UInt64) -> Bool {
    if let run = observation.probeRun, !run.works, run.to.address == flow.target,
      run.probes.contains(where: { $0.sent <= time }), run.probes.allSatisfy({ $0.ended != nil })
    {
      return true
    }
    return observation.window.monotonicEnd >= time + Self.patience
  }

  /// The flows of which packets were freed so, each once for its requests and once for its answers, and after which
  /// nothing that was asked for came.
  func droppedFlows(where isMeant: (Drop) -> Bool) -> [DroppedFlow] {
    flows.filter { !isExplained($0.flow) }.flatMap { traffic in
      [(false, traffic.requests), (true, traffic.answers)].compactMap { isAnswer, trajectories in
        let answered =
          traffic.answers.last { !$0.drops.contains(where: isMeant) }?.start ?? 0
        let hit = trajectories.filter { $0.start > answered && $0.drops.contains(where: isMeant) }
        guard let last = hit.last, let drop = last.drops.last(where: isMeant),
          isOver(traffic.flow, since: hit[0].start)
        else { return nil }
        let same = hit.filter { $0.drops.contains { isMeant($0) && $0.namespace == drop.namespace } }
        let before = last.sightings.last {
          $0.hook.interface.namespace == drop.namespace && $0.time <= drop.time
        }
        guard let frame = before?.frame ?? drop.frame ?? last.frame else { return nil }
        return DroppedFlow(
          flow: traffic.flow, isAnswer: isAnswer, namespace: drop.namespace, trajectories: same, drop: drop,
          frame: frame,
          input: before.flatMap { $0.hook.direction == .ingress ? $0.hook.interface : nil })
      }
    }
  }
}
