import NetworkAddresses
import TraceModel

/// Claims 5 to 13: through the router, to the receiver, and back.
enum CrossingClaims: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    [
      crossing(evidence, causes), unchanged(evidence), arrival(evidence, causes),
      answer(evidence, causes), returning(evidence, causes), unchangedAnswers(evidence),
      hearing(evidence, causes), hops(evidence), latency(evidence),
    ]
  }

  private static let elsewhere =
    "the receiver is not on this host: observe there, too, with --output, and join the files with `macvtrace report`"
  private static let unsent = "no request left, so nothing can be said of it"

  private static func left(_ evidence: PairEvidence) -> Bool {
    evidence.first(.left, of: evidence.requests) != nil
      || evidence.first(.sent, of: evidence.requests) != nil
  }

  private static func crossing(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    let crossed = evidence.requests.compactMap { $0[.crossed] }
    if let first = crossed.first {
      return pass(
        5,
        "\(count(crossed.count, "packet")) came out of the router \(first.frame.source) in VLAN \(evidence.pair.to), "
          + "TTL \(first.frame.ip?.ttl ?? 0)")
    }
    if let other = evidence.crossings.last {
      return pass(
        5,
        "packets came out of the router \(other.after.frame.source) in VLAN \(evidence.pair.to)"
          + (other.isTranslated ? ", from another address" : ""))
    }
    guard left(evidence) else { return unproven(5, unsent) }
    guard evidence.isTargetHere else { return unproven(5, elsewhere) }
    return fail(5, "none of the requests came out in VLAN \(evidence.pair.to)", causes.cause(evidence.echo))
  }

  private static func unchanged(_ evidence: PairEvidence) -> VLANClaim {
    if let one = evidence.crossings.last(where: \.isTranslated), let first = one.before.frame.ip?.source,
      let second = one.after.frame.ip?.source
    {
      return fail(
        6, "the router rewrote the source: \(first) became \(second)", NATHidesSource.card.id)
    }
    guard evidence.requests.contains(where: { $0[.crossed] != nil }) || !evidence.crossings.isEmpty else {
      return unproven(
        6, evidence.isTargetHere || !left(evidence) ? "no packet was seen behind the router" : elsewhere)
    }
    return pass(6, "source, ports and payload have the same hash before and behind the router")
  }

  private static func arrival(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    guard evidence.isTargetHere else { return unproven(7, elsewhere) }
    let arrived = evidence.requests.count { $0[.arrived] != nil }
    if arrived > 0 { return pass(7, "\(count(arrived, "packet")) came in at \(evidence.name(evidence.to))") }
    if let other = evidence.crossings.last(where: \.isTranslated) {
      return pass(
        7,
        "packets came in at \(evidence.name(evidence.to)), from \(other.after.frame.sourceAddress.map { "\($0)" } ?? "?")"
      )
    }
    guard evidence.requests.contains(where: { $0[.crossed] != nil }) else {
      return unproven(7, "no request came out of the router")
    }
    return fail(
      7, "requests came out of the router, and not in at \(evidence.name(evidence.to))",
      causes.cause(evidence.echo))
  }

  private static func answer(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    if let left = evidence.first(.left, of: evidence.replies) ?? evidence.first(.sent, of: evidence.replies) {
      return pass(8, "answers left from \(left.frame.source) for \(left.frame.destination)")
    }
    guard evidence.isTargetHere else { return unproven(8, elsewhere) }
    if evidence.crossings.contains(where: \.isTranslated) {
      return unproven(8, "answers go to the address that the router put in")
    }
    guard evidence.requests.contains(where: { $0[.arrived] != nil }) else {
      return unproven(8, "no request arrived that could be answered")
    }
    return fail(
      8, "\(evidence.name(evidence.to)) got requests and sent no answer", causes.cause(evidence.echo))
  }

  private static func returning(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    if evidence.path.verdict == .asymmetric {
      return fail(9, evidence.path.evidence.last ?? "answers come by another router", AsymmetricPath.card.id)
    }
    let crossed = evidence.replies.compactMap { $0[.crossed] }
    if let first = crossed.first {
      let there = evidence.gatewayMAC
      if let there, there != first.frame.source, evidence.localRouter == nil {
        return fail(
          9, "requests go to \(there), answers come from \(first.frame.source)", AsymmetricPath.card.id)
      }
      return pass(
        9,
        "\(count(crossed.count, "answer")) came out of the router \(first.frame.source) in VLAN \(evidence.pair.from), TTL "
          + "\(first.frame.ip?.ttl ?? 0)")
    }
    // What another host sent is seen here as it comes out of the router: its TTL is lower already.
    if let back = evidence.replies.first?.sightings.first(where: { $0.hook == evidence.context.parentIn }),
      back.frame.outerTag?.vlanID == evidence.pair.from
    {
      let there = evidence.gatewayMAC
      return there == nil || there == back.frame.source
        ? pass(9, "answers came in from the router \(back.frame.source) in VLAN \(evidence.pair.from)")
        : fail(
          9, "requests go to \(there.map { "\($0)" } ?? "?"), answers come from \(back.frame.source)",
          AsymmetricPath.card.id)
    }
    guard !evidence.replies.isEmpty else { return unproven(9, "no answer was seen") }
    return fail(
      9, "none of the answers came out in VLAN \(evidence.pair.from)", causes.cause(evidence.echo))
  }

  private static func unchangedAnswers(_ evidence: PairEvidence) -> VLANClaim {
    guard evidence.replies.contains(where: { $0[.crossed] != nil }) else {
      let came = evidence.replies.contains { $0[.arrived] != nil }
      return unproven(
        10, came && !evidence.isTargetHere ? elsewhere : "no answer was seen on both sides of the router")
    }
    return pass(10, "answers have the same hash before and behind the router")
  }

  private static func hearing(_ evidence: PairEvidence, _ causes: CauseFinder) -> VLANClaim {
    let heard = evidence.replies.count { $0[.arrived] != nil }
    if heard > 0 { return pass(11, "\(count(heard, "answer")) came in at \(evidence.name(evidence.from))") }
    guard evidence.replies.contains(where: { $0[.crossed] != nil }) else {
      return unproven(11, "no answer came back")
    }
    return fail(
      11, "answers came back, and not in at \(evidence.name(evidence.from))", causes.cause(evidence.echo))
  }

  private static func hops(_ evidence: PairEvidence) -> VLANClaim {
    let steps = Set(evidence.crossings.compactMap(\.ttlDecrement))
    guard let one = steps.first else {
      return unproven(
        12, evidence.isTargetHere || !left(evidence) ? "no packet was seen behind a router" : elsewhere)
    }
    if steps.count > 1 {
      return fail(
        12,
        "packets take different ways: the TTL falls by \(steps.sorted().map { "\($0)" }.joined(separator: " or "))",
        nil)
    }
    return one == evidence.run.hops
      ? pass(12, "the TTL falls by \(one)")
      : fail(12, "the TTL falls by \(one), and not by \(evidence.run.hops)", nil)
  }

  private static func latency(_ evidence: PairEvidence) -> VLANClaim {
    guard let latency = evidence.path.hopLatency else {
      return unproven(
        13, evidence.isTargetHere || !left(evidence) ? "no packet was seen behind the router" : elsewhere)
    }
    let times = evidence.crossings.map(\.latency)
    let steps = zip(times, times.dropFirst()).map { $0 > $1 ? $0 - $1 : $1 - $0 }
    let jitter = steps.isEmpty ? 0 : Double(steps.reduce(0, +)) / Double(steps.count) / 1000
    let text = { (value: Double?) in value.map { "\(Int($0.rounded()))" } ?? "?" }
    return pass(
      13,
      "p50 \(text(latency.p50)), p95 \(text(latency.p95)), p99 \(text(latency.p99)), max \(text(latency.max)) µs of "
        + "\(latency.count ?? 0) packets, jitter \(text(jitter)) µs")
  }
}
