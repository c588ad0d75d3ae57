import NetworkAddresses
import TraceModel

/// What the other parents of this machine, the target's or the router's, say of a probe.
struct FarSide {
  private let near: Observation
  /// The addresses that the namespaces over there have.
  private let addresses: Set<IPAddress>
  /// Those that say more than that the cause lies elsewhere, as they are read here.
  private let findings: [Finding]

  /// - Parameter judge: what the rules make of one side alone.
  init(_ observation: Observation, _ judge: (Observation) -> [Finding]) {
    near = observation
    let sides = observation.far.filter { Self.isOnTheWay($0, observation) }
    addresses = Set(sides.flatMap(\.after.namespaces).flatMap(\.localAddresses))
    findings = sides.flatMap { side in
      var side = side
      side.probeRun = observation.probeRun
      side.routeLookups += observation.routeLookups
      let place = FarFindings(side, observer: observation.observerNamespace)
      return judge(place?.named(side) ?? side).filter { !Self.isBeyond($0) }.map {
        place?.translated($0) ?? $0
      }
    }
  }

  /// The target's side is; another one is asked where a probe failed that it has heard of, or could not hear of.
  private static func isOnTheWay(_ side: Observation, _ near: Observation) -> Bool {
    guard let run = near.probeRun, let target = run.to.address else { return false }
    if side.after.namespaces.contains(where: { $0.localAddresses.contains(target) }) { return true }
    guard !run.works else { return false }
    if let parent = side.after.parentInterface, !parent.up || !parent.carrier { return true }
    return !Set(near.sightings.map(\.packetID)).isDisjoint(with: side.sightings.map(\.packetID))
  }

  /// The findings of both sides, the root cause first: what one side proves stands above what the other takes for likely.
  func joined(with own: [Finding]) -> [Finding] {
    guard !findings.isEmpty else { return own }
    let local = own.filter { !Self.isBeyond($0) && !isThere($0) }
    if local.isEmpty { return findings }
    var proven = findings.filter { $0.confidence == .proven }
    let isGuessed = { (finding: Finding) in finding.severity == .error && finding.confidence < .proven }
    guard !proven.isEmpty, !local.contains(where: { $0.severity == .error && $0.confidence == .proven })
    else {
      return own
    }
    proven[0].evidence += local.filter(isGuessed).map {
      Evidence(.state, "the sender's side by itself shows: \($0.title) (\($0.id))")
    }
    return proven + local.filter { !isGuessed($0) }
  }

  /// Whether a finding says no more than that the cause lies behind the parent.
  private static func isBeyond(_ finding: Finding) -> Bool {
    [NeighborUnanswered.card.id, NoReplyFromWire.card.id].contains(finding.id)
      || finding.confidence < .proven
        && (refusals.contains(finding.id) || finding.id == IPvlanL3NoReturnRoute.card.id)
  }

  /// Whether a gateway that nobody has, as far as this side knows, is an address over there.
  private func isThere(_ finding: Finding) -> Bool {
    finding.id == GatewayNonexistent.card.id
      && finding.subjects.contains { IPAddress($0).map(addresses.contains) == true }
  }

  /// Rules that conclude from who is answered on the wire: the target's own side may know better.
  private static var refusals: Set<String> {
    Set(RuleCatalog.rules.compactMap { ($0 as? any RefusalRule.Type)?.card.id })
  }
}
