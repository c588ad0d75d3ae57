import NetworkAddresses
import TraceModel

/// Claims 18 and 21: every protocol passes, and the router is one.
enum ReachClaims: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    [protocols(evidence, causes), forwarding(evidence, causes)]
  }

  private static func protocols(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    let tried = evidence.exchanges.filter { !$0.run.probes.isEmpty }
    guard !tried.isEmpty else { return unproven(18, "nothing was sent: run it without --passive") }
    let texts = tried.map { "\(name($0.run.protocol)) \(outcome($0, evidence))" }
    let failing = tried.filter { !passes($0, evidence) }
    guard let first = failing.first else { return pass(18, texts.joined(separator: ", ")) }
    return fail(18, texts.joined(separator: ", "), causes.cause(first))
  }

  /// Nobody of ours listens elsewhere: there a refusal is an answer, too.
  static func passes(_ exchange: VLANExchange, _ evidence: PairEvidence) -> Bool {
    exchange.run.probes.contains {
      $0.outcome == .answered || !evidence.isTargetHere && $0.outcome == .refused
    }
  }

  private static func name(_ kind: ProbeProtocol) -> String {
    switch kind {
    case .icmp: "ICMP"
    case .tcp: "TCP"
    case .udp: "UDP"
    }
  }

  private static func outcome(_ exchange: VLANExchange, _ evidence: PairEvidence) -> String {
    let small = exchange.run.smallProbes
    if exchange.run.answered > 0 { return "\(exchange.run.answered) of \(small.count) answered" }
    switch small.last?.outcome {
    case .refused:
      return evidence.isTargetHere ? "refused, though somebody listens" : "refused"
    case .undeliverable(let type, let code): return "refused on the way (ICMP type \(type), code \(code))"
    case .failed(let error): return "not sent or given up (\(error))"
    case .tooBig: return "too big"
    case .silence, .answered, nil: return "filtered or lost: silence"
    }
  }

  private static func forwarding(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard let router = evidence.localRouter, let namespace = router.namespace else {
      return unproven(
        21,
        "the router is not on this machine: look there at ip_forward, rp_filter and the counters of FORWARD")
    }
    let setting = evidence.isIPv4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding"
    let value = namespace.sysctls[setting]
    let text = "\(router.interface.label) has \(setting.replacing("/", with: "."))=\(value ?? "?")"
    let crossed = evidence.requests.contains { $0[.crossed] != nil } || !evidence.crossings.isEmpty
    if crossed { return pass(21, "\(text), and packets came out of it") }
    guard
      evidence.first(.left, of: evidence.requests) != nil
        || evidence.first(.sent, of: evidence.requests) != nil
    else { return unproven(21, "\(text); no request came to it") }
    if !evidence.isTargetHere { return unproven(21, "\(text); where packets come out is not on this host") }
    // What never came to the router does not speak of it.
    let atRouter =
      (evidence.context.observation.sightings + evidence.context.observation.far.flatMap(\.sightings))
    let ids = Set(evidence.requests.map(\.packetID))
    guard
      atRouter.contains(where: {
        ids.contains($0.packetID) && $0.hook.interface.namespace == router.interface.id.namespace
          && $0.hook.direction == .ingress
      })
    else { return unproven(21, "\(text); no request was seen to come in there") }
    let cause = causes.cause(evidence.echo)
    return cause.map(isForwarding) == false
      ? unproven(21, "\(text); that nothing comes out of it has another cause")
      : fail(21, "\(text), and nothing comes out of it", cause)
  }

  /// Whether a cause is that the router does not pass packets on.
  private static func isForwarding(_ cause: String) -> Bool {
    [
      IPForward0.card.id, FirewallForwardDrop.card.id, DockerForwardDrop.card.id, BridgeNetfilter.card.id,
      RouterNoRoute.card.id, RouterEgressDown.card.id, RPFilterStrict.card.id, BlackholeRoute.card.id,
      ForeignBPFDrop.card.id, TTLLoop.card.id,
    ].contains(cause)
  }
}
