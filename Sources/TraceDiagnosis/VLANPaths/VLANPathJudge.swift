import NetworkAddresses
import TraceModel

/// What happened between the VLANs of a parent, from the packets that were seen there.
struct VLANPathJudge {
  private let context: DiagnosisContext
  private let remote: RemoteSightings
  private let placement: VLANPlacement
  private let membership: VLANMembership
  let crossings: [VLANCrossing]
  /// What left in one VLAN for an address of another, and was not seen there.
  private let lost: [Sighting]
  /// What came in from one of these, with an address of another VLAN, and was not seen to go in there.
  private let emerged: [Sighting]
  /// When the last packet between two came in at the parent.
  private let lastIn: [Ends: UInt64]

  /// - Parameter remote: what other hosts saw meanwhile.
  init(_ context: DiagnosisContext, _ remote: RemoteSightings = .none) {
    self.context = context
    self.remote = remote
    placement = VLANPlacement([context.topology] + remote.topologies)
    membership = VLANMembership(context.topology, context.observation.verification)
    guard membership.vlans.count > 1 else {
      (crossings, lost, emerged, lastIn) = ([], [], [], [:])
      return
    }
    let own = context.observation.sightings
    let sightings = remote.sightings.isEmpty ? own : own + remote.sightings
    let found = VLANCrossing.all(sightings, placement, isLocal: context.isLocal)
    let crossed = Set(found.map(\.before.packetID))
    let end = context.observation.window.monotonicEnd
    let abroad = own.filter { [membership, placement] sighting in
      guard sighting.hook.direction == .egress, let vlan = placement.vlan(of: sighting),
        let ip = sighting.frame.ip, !sighting.frame.destination.isMulticast,
        membership.vlan(of: ip.source) != membership.vlan(of: ip.destination),
        let target = membership.vlan(of: ip.destination)
      else { return false }
      return target != vlan
    }
    // Each once, at the place nearest to the router.
    var last: [UInt64: Sighting] = [:]
    for sighting in abroad where !crossed.contains(sighting.packetID) { last[sighting.packetID] = sighting }
    let sent = last.values.sorted { $0.time < $1.time }
    let translated = VLANCrossing.translated(sent, sightings, placement)
    let known = Set(translated.map(\.before.packetID))
    crossings = (found + translated).sorted { $0.before.time < $1.before.time }
    let crossedEnds = Set(crossings.compactMap { Ends($0.before.frame) })
    lost = sent.filter { sighting in
      // The first frames of a conversation are not the same ones at each hook.
      if sighting.reason == .conversation, Ends(sighting.frame).map(crossedEnds.contains) == true {
        return false
      }
      return !known.contains(sighting.packetID) && end >= sighting.time
        && end - sighting.time >= DiagnosisContext.patience
    }
    // The MAC addresses, in each VLAN, that packets for other VLANs are sent to.
    var routers: [VLANID: Set<MACAddress>] = [:]
    for sighting in abroad {
      if let vlan = placement.vlan(of: sighting) {
        routers[vlan, default: []].insert(sighting.frame.destination)
      }
    }
    var lastIn: [Ends: UInt64] = [:]
    for sighting in context.observation.sightings where sighting.hook == context.parentIn {
      if let ends = Ends(sighting.frame) { lastIn[ends] = sighting.time }
    }
    self.lastIn = lastIn
    let paired = Set(crossings.map(\.after.packetID))
    emerged = context.observation.sightings.filter { [membership, routers] sighting in
      guard sighting.hook == context.parentIn, !paired.contains(sighting.packetID),
        let vlan = sighting.frame.outerTag?.vlanID, let ip = sighting.frame.ip,
        let from = membership.vlan(of: ip.source), from != vlan,
        membership.vlan(of: ip.destination) == vlan
      else { return false }
      return routers[vlan]?.contains(sighting.frame.source) == true && !context.isLocal(ip.source)
    }
  }

  /// One for each ordered pair; empty where there are fewer than two VLANs.
  var paths: [VLANPath] {
    guard membership.vlans.count > 1 else { return [] }
    return VLANPair.all(of: membership.vlans).map(path)
  }

  func path(_ pair: VLANPair) -> VLANPath {
    let (from, to) = (pair.from, pair.to)
    let mine = crossings.filter { $0.from == from && $0.to == to }
    let gone = lost.filter {
      placement.vlan(of: $0) == from && $0.frame.ip.flatMap { membership.vlan(of: $0.destination) } == to
    }
    let leaks = mine.filter(\.isLeak)
    let routed = mine.filter { !$0.isLeak }
    var path = VLANPath(from: from, to: to, verdict: .unobserved)
    path.routerMAC = (routed.last?.before ?? gone.last)?.frame.destination
    path.ttlDecrement = (leaks.last ?? routed.last)?.ttlDecrement
    path.hopLatency = LatencyPercentiles(nanoseconds: routed.map(\.latency))
    if !leaks.isEmpty {
      path.verdict = .leaked
      path.routerMAC = nil
      path.evidence = leakEvidence(leaks)
    } else if !routed.isEmpty {
      let other = otherWay(routed, from, to)
      path.verdict = other == nil ? .routed : .asymmetric
      path.evidence = routedEvidence(routed, gone) + [other, clocks(routed)].compactMap(\.self)
    } else {
      judgeUncrossed(&path, gone)
    }
    return path
  }

  /// How exact a time between two hosts is; `nil` where one clock took both ends of all of them.
  private func clocks(_ routed: [VLANCrossing]) -> String? {
    guard routed.contains(where: { $0.before.hook.interface.host != $0.after.hook.interface.host }) else {
      return nil
    }
    return "the two hosts' clocks are compared by the shortest passages both ways: each time can be wrong by "
      + "\((remote.clockBound + 999) / 1000) µs"
  }

  /// Nothing was seen on both sides of a router: where the other side is another host, answers tell.
  private func judgeUncrossed(_ path: inout VLANPath, _ gone: [Sighting]) {
    let (here, elsewhere) = gone.reduce(into: ([Sighting](), [Sighting]())) { parts, sighting in
      if sighting.frame.ip.map({ context.isLocal($0.destination) }) == true {
        parts.0.append(sighting)
      } else {
        parts.1.append(sighting)
      }
    }
    let answered = elsewhere.filter(isAnswered)
    let came = emerged.filter {
      $0.frame.outerTag?.vlanID == path.to
        && $0.frame.ip.flatMap { membership.vlan(of: $0.source) } == path.from
    }
    let parent = context.parent.name
    if let last = answered.last, let ip = last.frame.ip {
      path.verdict = .routed
      path.evidence = [
        "\(count(answered.count, "packet")) for \(ip.destination) left \(parent) for the router \(last.frame.destination), and "
          + "\(ip.destination) answered: what lies behind the router is not seen on this host"
      ]
    } else if here.isEmpty, let last = came.last, let ip = last.frame.ip {
      path.verdict = .routed
      path.routerMAC = last.frame.source
      path.evidence = [
        "\(count(came.count, "packet")) from \(ip.source) came in from the router \(last.frame.source) in VLAN \(path.to): "
          + "how they went to it is not seen on this host"
      ]
    } else if !here.isEmpty || !elsewhere.isEmpty && (isAsked(path) || errors(elsewhere).last != nil) {
      path.verdict = .blocked
      path.evidence = blockedEvidence(here.isEmpty ? elsewhere : here, path.to)
    } else if let last = elsewhere.last {
      path.evidence = [
        "\(count(elsewhere.count, "packet")) left \(parent) for \(last.frame.destination); what lies behind is not seen on "
          + "this host, and nobody answered"
      ]
    } else {
      path.evidence = ["no packet from VLAN \(path.from) to VLAN \(path.to) was seen at \(parent)"]
    }
  }

  /// Whether answers were asked for on purpose: then silence says something.
  private func isAsked(_ path: VLANPath) -> Bool {
    context.observation.verification?.exchanges.contains { $0.pair == VLANPair(path.from, path.to) } == true
  }

  /// Whether whom it was for sent something back.
  private func isAnswered(_ sent: Sighting) -> Bool {
    guard let ip = sent.frame.ip, let last = lastIn[Ends(ip.destination, ip.source)] else { return false }
    return last >= sent.time
  }

  private func leakEvidence(_ leaks: [VLANCrossing]) -> [String] {
    guard let last = leaks.last else { return [] }
    let ttl = last.before.frame.ip.map { ", TTL \($0.ttl) both times" } ?? ""
    return [
      "\(count(leaks.count, "frame")) that left \(context.parent.name) in VLAN \(last.from) came in again in VLAN \(last.to) as "
        + "\(leaks.count == 1 ? "it was" : "they were"), from \(last.before.frame.source) to \(last.before.frame.destination)\(ttl): "
        + "nobody routed \(leaks.count == 1 ? "it" : "them")"
    ]
  }

  private func routedEvidence(_ routed: [VLANCrossing], _ gone: [Sighting]) -> [String] {
    guard let last = routed.last else { return [] }
    var evidence = [
      "\(count(routed.count, "packet")) left in VLAN \(last.from) for the router \(last.before.frame.destination) and came in "
        + "from \(last.after.frame.source) in VLAN \(last.to), TTL \(last.before.frame.ip?.ttl ?? 0) to "
        + "\(last.after.frame.ip?.ttl ?? 0)"
    ]
    let translated = routed.filter(\.isTranslated)
    if let one = translated.last, let first = one.before.frame.ip?.source,
      let second = one.after.frame.ip?.source
    {
      evidence.append(
        "the router rewrote the source of \(count(translated.count, "packet")): \(first) became \(second)")
    }
    if !gone.isEmpty {
      evidence.append("\(count(gone.count, "packet")) for VLAN \(last.to) did not come back from the router")
    }
    return evidence
  }

  private func blockedEvidence(_ gone: [Sighting], _ to: VLANID) -> [String] {
    guard let last = gone.last, let ip = last.frame.ip else { return [] }
    let evidence = [
      "\(count(gone.count, "packet")) for \(ip.destination) in VLAN \(to) left for \(last.frame.destination), and none came in "
        + "in VLAN \(to)"
    ]
    guard let error = errors(gone).last?.frame.ip, case .icmp(let type, let code, _, _) = error.transport
    else {
      return evidence + ["nobody said why"]
    }
    return evidence + ["\(error.source) answered: ICMP type \(type), code \(code)"]
  }

  /// What was said of packets that were not passed on: ICMP errors to their sender.
  private func errors(_ gone: [Sighting]) -> [Sighting] {
    guard let first = gone.first, let source = gone.last?.frame.ip?.source else { return [] }
    return context.observation.sightings.filter {
      guard $0.hook.direction == .ingress, $0.time >= first.time, let answer = $0.frame.ip,
        answer.destination == source, case .icmp(let type, _, _, _) = answer.transport
      else { return false }
      return answer.source.isIPv4 ? type == 3 || type == 11 : type >= 1 && type <= 4
    }
  }

  /// How the answers' way differs from that of the requests; `nil` where it does not, or none was seen.
  private func otherWay(_ routed: [VLANCrossing], _ from: VLANID, _ to: VLANID) -> String? {
    let back = crossings.filter { $0.from == to && $0.to == from && !$0.isLeak }
    guard let there = routed.last, let answer = back.last else { return nil }
    let outside = there.before.frame.destination
    let inside = there.after.frame.source
    if answer.after.frame.source == outside, answer.before.frame.destination == inside { return nil }
    return
      "requests go in by \(outside) and out of \(inside), answers go in by \(answer.before.frame.destination) and out of "
      + "\(answer.after.frame.source)"
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
