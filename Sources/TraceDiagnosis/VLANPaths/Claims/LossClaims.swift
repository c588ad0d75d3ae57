import NetworkAddresses
import TraceModel

/// Claims 14 and 17: what is lost, where, and which sizes pass.
enum LossClaims: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    [loss(evidence, causes), sizes(evidence, causes)]
  }

  private static func loss(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard let echo = evidence.echo, !echo.run.smallProbes.isEmpty else {
      return unproven(14, "nothing was sent that is numbered: run it without --passive")
    }
    let sent = echo.run.smallProbes.count
    let twice = duplicates(evidence)
    if twice > 0 { return fail(14, "\(count(twice, "packet")) came more than once", causes.cause(echo)) }
    if echo.run.answered == sent {
      return pass(14, "\(sent) of \(sent) echo requests were answered, each once")
    }
    return fail(
      14,
      "\(sent - echo.run.answered) of \(sent) echo requests were not answered\(place(evidence, echo.run))",
      causes.cause(echo))
  }

  /// Echo requests that the receiver, and replies that the sender got more than once. Each is another packet; a segment of
  /// TCP is sent again where its acknowledgment is late.
  private static func duplicates(_ evidence: PairEvidence) -> Int {
    let again = { (passages: [Passage], end: VLANStation?) in
      guard let interface = end?.interface else { return 0 }
      return passages.count { $0.isEcho && $0.arrivals(at: Hook(interface, .ingress)) > 1 }
    }
    return again(evidence.requests, evidence.to) + again(evidence.replies, evidence.from)
  }

  /// Between which two places most of them stayed.
  private static func place(_ evidence: PairEvidence, _ run: ProbeRun) -> String {
    let (pair, parent) = (evidence.pair, evidence.parent.name)
    let router = "the router \(evidence.gatewayMAC.map { "\($0)" } ?? "")"
    let here = evidence.isTargetHere
    // Echo requests alone are numbered; those of a size are no part of the count.
    let isEcho = { (passage: Passage, type: UInt8) in
      guard case .icmp(let got, _, _, let sequence) = passage.sightings.first?.frame.ip?.transport else {
        return false
      }
      return got == type && run.probes.indices.contains(Int(sequence))
        && run.probes[Int(sequence)].size == nil
    }
    let requests = evidence.requests.filter { isEcho($0, evidence.isIPv4 ? 8 : 128) }
    let replies = evidence.replies.filter { isEcho($0, evidence.isIPv4 ? 0 : 129) }
    let seen = { (passages: [Passage], stage: Passage.Stage) in passages.count { $0[stage] != nil } }
    var stages: [(count: Int, place: String)] = [
      (run.smallProbes.count, "at \(evidence.name(evidence.from)), which did not send them")
    ]
    stages.append((max(seen(requests, .sent), seen(requests, .left)), "before \(parent)"))
    if !evidence.context.isChild(evidence.localRouter?.interface.id ?? evidence.parent.id) {
      stages.append((seen(requests, .left), "in \(router), or on the wire to it or from it"))
    }
    if here {
      stages.append((seen(requests, .crossed), "between \(parent) in VLAN \(pair.to) and the receiver"))
      stages.append((seen(requests, .arrived), "at \(evidence.name(evidence.to)), which sent no answer"))
      stages.append(
        (max(seen(replies, .sent), seen(replies, .left)), "on the answers' way, in the router or on the wire")
      )
      stages.append((seen(replies, .crossed), "between \(parent) in VLAN \(pair.from) and the sender"))
    }
    stages.append((run.answered, ""))
    let losses = zip(stages, stages.dropFirst()).map { (lost: $0.count - $1.count, place: $0.place) }
    guard let worst = losses.max(by: { $0.lost < $1.lost }), worst.lost > 0 else { return "" }
    return ": \(worst.lost) \(worst.lost == 1 ? "was" : "were") lost \(worst.place)"
  }

  private static func sizes(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard let run = evidence.echo?.run, let largest = run.probes.compactMap(\.size).max() else {
      return unproven(17, "sizes are tried once all small packets are answered")
    }
    if run.vanishingSize != nil {
      let passes = run.probes.filter { $0.outcome == .answered }.compactMap(\.size).max()
      return fail(
        17,
        "packets of \(largest) octets vanish and nobody says why\(passes.map { "; those of \($0) pass" } ?? "")",
        causes.cause(evidence.echo) ?? PMTUBlackhole.card.id)
    }
    let tried = run.probes.filter { $0.size == largest }
    for probe in tried {
      if case .tooBig(let mtu) = probe.outcome {
        return pass(
          17, "packets of \(largest) octets are too big, and their sender is told: \(mtu) octets pass")
      }
    }
    if tried.contains(where: { $0.outcome == .answered }) {
      return pass(17, "packets of \(largest) octets, which nobody may cut, pass both ways")
    }
    return unproven(17, "packets of \(largest) octets were not answered, once")
  }
}
