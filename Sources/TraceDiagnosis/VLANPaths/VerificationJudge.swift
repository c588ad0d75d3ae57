import NetworkAddresses
import TraceModel

/// What was made of a run that verified the ways between VLANs: each ordered pair, claim by claim.
struct VerificationJudge {
  private let run: VerificationRun
  private let context: DiagnosisContext
  private let judge: VLANPathJudge
  private let placement: VLANPlacement
  private let index: PassageIndex
  private let causes: CauseFinder

  private let remote: RemoteSightings

  /// `nil` where the observation has no parent.
  ///
  /// - Parameter remote: what other hosts saw meanwhile.
  init?(_ observation: Observation, _ run: VerificationRun, _ remote: RemoteSightings = .none) {
    let plain = VerificationControls.removed(from: observation)
    guard let context = DiagnosisContext(observation), let judged = DiagnosisContext(plain) else {
      return nil
    }
    self.run = run
    self.context = context
    self.remote = remote
    judge = VLANPathJudge(judged, remote)
    placement = VLANPlacement([context.topology] + remote.topologies)
    index = PassageIndex(
      observation.sightings + remote.sightings, among: Set(run.stations.flatMap(\.addresses)))
    causes = CauseFinder(plain)
  }

  /// One for each ordered pair that was asked for.
  var paths: [VLANPath] { VLANPair.all(of: run.vlans).map(path) }

  private func path(_ pair: VLANPair) -> VLANPath {
    let evidence = evidence(pair, isIPv4: isIPv4(pair))
    var path = evidence.path
    if path.verdict == .unobserved, let failed = evidence.echo, !failed.run.probes.isEmpty {
      // Nothing came as far as the router: the way is closed before it.
      path.verdict = .blocked
      path.evidence = [
        "nothing that \(evidence.name(evidence.from)) sent left \(context.parent.name) for \(failed.run.to.label)"
      ]
    }
    path.claims = claims(evidence)
    path.claims.append(otherFamily(pair))
    path.claims.sort { $0.number < $1.number }
    path.agreesWithPolicy = run.policy.flatMap { $0.agrees(path) }
    if let omission = run.omissions.first(where: { $0.pair == pair }), path.verdict == .unobserved {
      path.evidence = [omission.because]
    }
    return path
  }

  private func evidence(_ pair: VLANPair, isIPv4: Bool) -> PairEvidence {
    PairEvidence(context, run, index, placement, judge, remote, pair, isIPv4: isIPv4)
  }

  /// IPv4 where both have it.
  private func isIPv4(_ pair: VLANPair) -> Bool {
    let ends = [run.station(of: pair.from, in: pair), run.station(of: pair.to, in: pair)]
    return ends.allSatisfy { $0?.address(isIPv4: true) != nil } || run.exchanges.isEmpty
      || run.exchanges.contains { $0.pair == pair && $0.isIPv4 }
  }

  private func claims(_ evidence: PairEvidence) -> [VLANClaim] {
    let judges: [any ClaimJudge.Type] = [
      RouteClaims.self, CrossingClaims.self, LossClaims.self, IsolationClaims.self, ReachClaims.self,
      PolicyClaim.self,
    ]
    return judges.flatMap { $0.claims(evidence, causes) }
  }

  /// Claim 19: what holds for IPv4 holds for IPv6.
  private func otherFamily(_ pair: VLANPair) -> VLANClaim {
    let asked = run.exchanges.filter { $0.pair == pair && !$0.isIPv4 && !$0.isNegativeControl }
    guard !asked.isEmpty else {
      return ClaimCatalog.claim(
        19, .unproven,
        run.isPassive
          ? "nothing was sent: run it without --passive"
          : "not both stations have an IPv6 address of more than one link")
    }
    let evidence = evidence(pair, isIPv4: false)
    let failing = claims(evidence).filter { $0.outcome == .fail && $0.number != 20 }
    guard let first = failing.first else {
      return ClaimCatalog.claim(19, .pass, "what was tried by IPv6 passes as well")
    }
    return ClaimCatalog.claim(
      19, .fail, "by IPv6: \(first.text)", cause: failing.lazy.compactMap(\.cause).first)
  }

  /// The causes of what failed, each once; of pairs that must be blocked, and are, none.
  var findings: [Finding] {
    var told: Set<[String]> = []
    let failing = run.exchanges.filter { exchange in
      guard !exchange.isNegativeControl, !exchange.run.probes.isEmpty else { return false }
      return run.policy?.expectation(exchange.pair) != .blocked
        || judge.path(exchange.pair).verdict != .blocked
    }
    // A way that works has no root cause, but may have a flaw: its sizes, or a rewritten source.
    let own = failing.filter { !isFlawless($0) }.flatMap(causes.findings)
    return (own + isolation).filter { told.insert([$0.id, $0.title] + $0.subjects).inserted }
  }

  private func isFlawless(_ exchange: VLANExchange) -> Bool {
    let translated = judge.crossings.contains {
      $0.isTranslated && $0.from == exchange.pair.from && $0.to == exchange.pair.to
    }
    return exchange.run.works && exchange.run.answered == exchange.run.smallProbes.count && !translated
  }

  /// What the whole of the traffic shows of frames that get out of their VLAN.
  private var isolation: [Finding] {
    let rules: [any Rule.Type] = [VLANLeak.self, VLANHopping.self]
    return rules.flatMap { rule -> [Finding] in
      guard case .findings(let found, _, _) = rule.evaluate(context) else { return [] }
      return found
    }
  }
}

/// What was sent to be stopped: no rule is to take it for a failure.
enum VerificationControls {
  /// The observation without the packets whose TTL ran out on purpose, and what was said of them.
  static func removed(from observation: Observation) -> Observation {
    let ends = Set(
      (observation.verification?.exchanges ?? []).filter(\.isNegativeControl).compactMap { exchange in
        exchange.run.from.address.flatMap { from in exchange.run.to.address.map { Ends(from, $0) } }
      })
    guard !ends.isEmpty else { return observation }
    let senders = Set(ends.map(\.source))
    let ids = Set(
      observation.sightings.filter { sighting in
        sighting.hook.direction == .egress && sighting.frame.ip?.ttl == 1
          && Ends(sighting.frame).map(ends.contains) == true
      }.map(\.packetID))
    let isTold = { (frame: Frame) -> Bool in
      guard let ip = frame.ip, senders.contains(ip.destination),
        case .icmp(let type, let code, _, _) = ip.transport
      else { return false }
      return code == 0 && type == (ip.destination.isIPv4 ? 11 : 3)
    }
    var observation = observation
    observation.sightings.removeAll { ids.contains($0.packetID) || isTold($0.frame) }
    observation.drops.removeAll { drop in
      drop.packetID.map(ids.contains) == true || drop.frame.map(isTold) == true
    }
    for index in observation.far.indices {
      observation.far[index].sightings.removeAll { ids.contains($0.packetID) || isTold($0.frame) }
      observation.far[index].drops.removeAll { $0.packetID.map(ids.contains) == true }
    }
    return observation
  }
}
