import NetworkAddresses
import TraceModel

/// What happened between the VLANs of a parent, from the packets that were seen there.
struct VLANPathJudge {
  private let context: DiagnosisContext
  private let membership: VLANMembership
  private let crossings: [VLANCrossing]
  /// What left in one VLAN for an address of another, and was not seen there.
  private let lost: [Sighting]

  init(_ context: DiagnosisContext) {
    self.context = context
    membership = VLANMembership(context.topology)
    guard membership.vlans.count > 1 else {
      (crossings, lost) = ([], [])
      return
    }
    let sightings = context.observation.sightings
    let found = VLANCrossing.all(sightings, at: context.parent.id, isLocal: context.isLocal)
    let crossed = Set(found.map(\.before.packetID))
    let end = context.observation.window.monotonicEnd
    let sent = sightings.filter { [membership] sighting in
      guard sighting.hook == context.parentOut, let vlan = sighting.frame.outerTag?.vlanID,
        let ip = sighting.frame.ip, !sighting.frame.destination.isMulticast,
        let target = membership.vlan(of: ip.destination)
      else { return false }
      return target != vlan && !crossed.contains(sighting.packetID)
    }
    let translated = VLANCrossing.translated(sent, sightings, at: context.parent.id)
    let known = Set(translated.map(\.before.packetID))
    crossings = (found + translated).sorted { $0.before.time < $1.before.time }
    lost = sent.filter {
      !known.contains($0.packetID) && end >= $0.time && end - $0.time >= DiagnosisContext.patience
    }
  }

  /// One for each ordered pair; empty where there are fewer than two VLANs.
  var paths: [VLANPath] {
    guard membership.vlans.count > 1 else { return [] }
    return membership.vlans.flatMap { from in
      membership.vlans.filter { $0 != from }.map { path(from, $0) }
    }
  }

  private func path(_ from: VLANID, _ to: VLANID) -> VLANPath {
    let mine = crossings.filter { $0.from == from && $0.to == to }
    let gone = lost.filter {
      $0.frame.outerTag?.vlanID == from && $0.frame.ip.flatMap { membership.vlan(of: $0.destination) } == to
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
      path.evidence = routedEvidence(routed, gone) + [other].compactMap(\.self)
    } else if !gone.isEmpty {
      path.verdict = .blocked
      path.evidence = blockedEvidence(gone, to)
    } else {
      path.evidence = ["no packet from VLAN \(from) to VLAN \(to) was seen at \(context.parent.name)"]
    }
    return path
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
    let first = gone.first?.time ?? 0
    let errors = context.observation.sightings.filter {
      guard $0.hook == context.parentIn, $0.time >= first, let answer = $0.frame.ip,
        answer.destination == ip.source, case .icmp(let type, _, _, _) = answer.transport
      else { return false }
      return answer.source.isIPv4 ? type == 3 || type == 11 : type >= 1 && type <= 4
    }
    guard let error = errors.last?.frame.ip, case .icmp(let type, let code, _, _) = error.transport else {
      return evidence + ["nobody said why"]
    }
    return evidence + ["\(error.source) answered: ICMP type \(type), code \(code)"]
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
