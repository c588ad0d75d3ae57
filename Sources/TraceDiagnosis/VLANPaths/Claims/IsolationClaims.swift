import NetworkAddresses
import TraceModel

/// Claims 15, 16 and 22: what must not get through.
enum IsolationClaims: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    [leaks(evidence), detour(evidence), control(evidence)]
  }

  private static func leaks(_ evidence: PairEvidence) -> VLANClaim {
    if evidence.path.verdict == .leaked {
      return fail(15, evidence.path.evidence.first ?? "frames leak", VLANLeak.card.id)
    }
    let strays = evidence.run.strays.filter { $0.pair == evidence.pair }
    let escaped = StrayEvidence.all(evidence.context, evidence.run).first { $0.stray.pair == evidence.pair }
    if let escaped { return fail(15, escaped.text, escaped.cause) }
    guard !strays.isEmpty else {
      return unproven(
        15,
        evidence.run.isPassive
          ? "no frame was sent to test it: run it without --passive"
          : "nothing could be sent in VLAN \(evidence.pair.from) to test it")
    }
    guard evidence.context.isComplete else { return unproven(15, "some frames were not recorded") }
    let kinds = strays.map(\.kind.rawValue).joined(separator: ", ")
    return pass(
      15,
      "\(strays.reduce(0) { $0 + $1.count }) stray frames (\(kinds)) were sent in VLAN \(evidence.pair.from): none came out in "
        + "another VLAN or untagged at \(evidence.parent.name)")
  }

  private static func detour(_ evidence: PairEvidence) -> VLANClaim {
    guard evidence.isTargetHere else {
      return unproven(16, "the two are not on one parent: it does not apply")
    }
    let arrived = evidence.requests.filter {
      $0[.sent] != nil && $0[.arrived] != nil && $0.isRecordedEverywhere
    }
    guard !arrived.isEmpty else { return unproven(16, "no request arrived") }
    if let router = evidence.localRouter, evidence.context.isChild(router.interface.id) {
      return pass(16, "requests went by the router \(router.interface.label) on this host")
    }
    let past = arrived.count { $0[.left] == nil }
    return past == 0
      ? pass(16, "each of \(arrived.count) requests left \(evidence.parent.name) and came in again")
      : fail(16, "\(count(past, "request")) arrived without leaving \(evidence.parent.name)", nil)
  }

  private static func control(_ evidence: PairEvidence) -> VLANClaim {
    guard let control = evidence.control, !control.run.probes.isEmpty else {
      return unproven(22, "no such packet was sent: run it without --passive")
    }
    let escaped = evidence.controls.contains { $0[.arrived] != nil }
    if escaped || control.run.probes.contains(where: { $0.outcome == .answered }) {
      return fail(22, "a packet with a TTL of 1 arrived in VLAN \(evidence.pair.to)", VLANLeak.card.id)
    }
    if control.run.probes.contains(where: { if case .undeliverable = $0.outcome { true } else { false } }) {
      return pass(22, "packets with a TTL of 1 were stopped, and the router said so")
    }
    return evidence.works && !evidence.controls.isEmpty
      ? pass(22, "packets with a TTL of 1 did not arrive, where others do")
      : unproven(22, "nothing passes, so that this does not either says nothing")
  }
}
