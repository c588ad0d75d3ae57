import NetworkAddresses
import TraceModel

/// What the other parents of this machine, the target's or the router's, say of a probe.
struct FarSide {
  /// What was seen over there, the namespaces called by their names.
  private let sides: [Observation]
  /// Those that say more than that the cause lies elsewhere, as they are read here.
  private let findings: [Finding]
  /// VLANs that the network does not carry to where they are on both sides.
  private let gaps: [Finding]

  /// - Parameter judge: what the rules make of one side alone.
  init(_ observation: Observation, _ judge: (Observation) -> [Finding]) {
    let places = observation.far.map { FarFindings($0, observer: observation.observerNamespace) }
    sides = zip(observation.far, places).map { side, place in
      var side = place?.named(side) ?? side
      side.probeRun = observation.probeRun
      side.routeLookups += observation.routeLookups
      return side
    }
    findings = zip(sides, places).filter { Self.isOnTheWay($0.0, observation) }.flatMap { side, place in
      judge(side).filter { !Self.isBeyond($0) }.map { place?.translated($0) ?? $0 }
    }
    let near = FarFindings(observation, observer: observation.observerNamespace)?.named(observation)
    gaps = sides.flatMap { TrunkGap.findings(near ?? observation, $0) }
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
    guard gaps.isEmpty else {
      let others = (own + findings).filter {
        !Self.isBeyond($0) && place(of: $0) == nil && $0.id != VLANMissingOnTrunk.card.id
      }
      return others.filter(Self.isProven) + gaps + others.filter { !Self.isProven($0) }
    }
    guard !findings.isEmpty else { return own.map(located) }
    let local = own.filter { !Self.isBeyond($0) && place(of: $0) == nil }
    if local.isEmpty { return findings }
    var proven = findings.filter { $0.confidence == .proven }
    let isGuessed = { (finding: Finding) in finding.severity == .error && finding.confidence < .proven }
    guard !proven.isEmpty, !local.contains(where: Self.isProven) else { return own }
    proven[0].evidence += local.filter(isGuessed).map {
      Evidence(.state, "the sender's side by itself shows: \($0.title) (\($0.id))")
    }
    return proven + local.filter { !isGuessed($0) }
  }

  private static func isProven(_ finding: Finding) -> Bool {
    finding.severity == .error && finding.confidence == .proven
  }

  /// Whether a finding says no more than that the cause lies behind the parent.
  private static func isBeyond(_ finding: Finding) -> Bool {
    [NeighborUnanswered.card.id, NoReplyFromWire.card.id].contains(finding.id)
      || finding.confidence < .proven
        && (refusals.contains(finding.id) || finding.id == IPvlanL3NoReturnRoute.card.id)
  }

  /// Who over there has the gateway that, as far as this side knows, nobody has.
  private func place(of finding: Finding) -> (gateway: IPAddress, name: String, side: Observation)? {
    guard finding.id == GatewayNonexistent.card.id else { return nil }
    for gateway in finding.subjects.compactMap({ IPAddress($0) }) {
      for side in sides {
        let owner = side.after.namespaces.first { $0.localAddresses.contains(gateway) }
        if let owner { return (gateway, owner.name, side) }
      }
    }
    return nil
  }

  /// A gateway that is there and does not answer, and of which nothing else was found.
  private func located(_ finding: Finding) -> Finding {
    guard let (gateway, name, side) = place(of: finding) else { return finding }
    var finding = finding
    finding.confidence = .likely
    finding.title = finding.title.replacing("does not exist", with: "does not answer: \(name) has it")
    let heard = side.sightings.count { $0.frame.solicitedAddress == gateway }
    let parent = side.after.parentInterface?.label ?? name
    finding.evidence += [
      Evidence(.state, "\(name), in another namespace of this machine, has \(gateway)"),
      Evidence(
        .trajectory,
        heard == 0
          ? "no question for it came in at \(parent)" : "\(heard) questions for it were seen at \(parent)"),
      Evidence(.state, "missing for proof: where they or the answers to them were lost"),
    ]
    finding.fixes = [
      Fix(
        heard == 0
          ? "Look at the switch between here and \(parent): whether both ports are in one VLAN and pass broadcasts."
          : "Look at \(name): which packet filter or setting keeps it from answering at \(parent).")
    ]
    return finding
  }

  /// Rules that conclude from who is answered on the wire: the target's own side may know better.
  private static var refusals: Set<String> {
    Set(RuleCatalog.rules.compactMap { ($0 as? any RefusalRule.Type)?.card.id })
  }
}
