import NetworkAddresses
import TraceModel

/// `vlan-l2-leak`: frames of one VLAN come out in another, not routed.
enum VLANLeak: Rule {
  static let card = RuleCard(
    id: "vlan-l2-leak", title: "frames of one VLAN leak into another", severity: .warning,
    explanation: """
      A frame that was sent in one VLAN came in with another VLAN's tag, from the same MAC address and with its TTL \
      unchanged: no router did that. A bridge or a cable somewhere connects the two VLANs, and they are one broadcast domain: \
      nothing separates them any more, and the same address can be used twice.
      """,
    proof: """
      One packet was seen at the parent under two VLANs, with the same source MAC address and the same TTL.
      """,
    fix: """
      Find the device that connects the two VLANs: a bridge that has sub-interfaces of both as its ports, a bridge without \
      VLAN filtering (`ip link set BRIDGE type bridge vlan_filtering 1`), or two access ports patched together.
      """)

  private struct Way: Hashable {
    var from: Segment
    var to: Segment
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    var order: [Way] = []
    var leaked: [Way: [Sighting]] = [:]
    for trajectory in context.trajectories {
      let passages = trajectory.sightings.filter { $0.hook.interface == context.parent.id }
      guard let first = passages.first, first.reason == .explains,
        let copy = passages.dropFirst().first(where: { isCopy($0, of: first, context) })
      else { continue }
      let way = Way(from: Segment(first.frame), to: Segment(copy.frame))
      if leaked[way] == nil { order.append(way) }
      leaked[way, default: []].append(copy)
    }
    let findings = order.compactMap { way -> Finding? in
      guard let copies = leaked[way], let copy = copies.first,
        copies.count > 1 || context.isLocal(copy.frame.source)
      else {
        return nil
      }
      let (from, to) = (name(way.from), name(way.to))
      return finding(
        .proven, title: "frames of \(from) come in in \(to)",
        subjects: [context.parent.id.description, copy.frame.source.description],
        evidence: [
          Evidence(
            .trajectory,
            "\(copies.count) packets from \(copies.map(\.frame.source).reduce(into: Set()) { $0.insert($1) }.sorted().map(\.description).joined(separator: ", ")) "
              + "were seen at \(context.parent.name) in \(from), and then coming in in \(to), from the same MAC address and "
              + "with the same TTL: not routed"),
          Evidence(.counter, "the first of them: \(text(copy.frame))"),
        ],
        fixes: [
          Fix(
            "Find what connects \(from) and \(to): on other hosts and routers, a bridge with sub-interfaces of both "
              + "(`bridge link`), or one without VLAN filtering (`ip link set BRIDGE type bridge vlan_filtering 1`); on "
              + "switches, two access ports that are patched together.")
        ])
    }
    return .findings(findings)
  }

  private static func isCopy(_ copy: Sighting, of first: Sighting, _ context: DiagnosisContext) -> Bool {
    copy.hook == context.parentIn && Segment(copy.frame) != Segment(first.frame)
      && copy.frame.source == first.frame.source && copy.frame.destination == first.frame.destination
      && copy.frame.ip?.ttl == first.frame.ip?.ttl && copy.time - min(first.time, copy.time) < 1_000_000_000
      // What sends in both VLANs from one MAC address, as a host with a sub-interface in each, sends the copy itself.
      && !(first.hook == context.parentOut && sends(in: Segment(copy.frame), first, context))
  }

  /// Whether this host sent the packet in that VLAN, too.
  private static func sends(in segment: Segment, _ sent: Sighting, _ context: DiagnosisContext) -> Bool {
    context.observation.sightings.contains {
      $0.hook == context.parentOut && $0.packetID == sent.packetID && Segment($0.frame) == segment
    }
  }

  private static func name(_ segment: Segment) -> String {
    segment.vlan.map { "VLAN \($0)" } ?? "the untagged network"
  }

  private static func text(_ frame: Frame) -> String {
    if let address = frame.solicitedAddress { return "a request for \(address)" }
    return frame.destinationAddress.map { "a packet to \($0)" } ?? "a frame to \(frame.destination)"
  }
}
