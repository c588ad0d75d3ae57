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

  /// Two VLANs, whichever way a frame went.
  private struct Pair: Hashable {
    var first: Segment
    var second: Segment

    init(_ one: Segment, _ other: Segment) {
      let number = { (segment: Segment) in segment.vlan?.rawValue ?? 0 }
      (first, second) = number(one) <= number(other) ? (one, other) : (other, one)
    }
  }

  private struct Leak {
    var sent: Sighting
    var copy: Sighting
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.isComplete else { return .notEvaluated("some frames were not recorded") }
    var order: [Pair] = []
    var leaks: [Pair: [Leak]] = [:]
    for trajectory in context.trajectories {
      guard let leak = leak(trajectory, context) else { continue }
      let pair = Pair(Segment(leak.sent.frame), Segment(leak.copy.frame))
      if leaks[pair] == nil { order.append(pair) }
      leaks[pair, default: []].append(leak)
    }
    return .findings(order.compactMap { pair in leaks[pair].flatMap { finding(pair, $0, context) } })
  }

  /// A packet that this host sent in one VLAN alone and that came in in another.
  ///
  /// Of other machines' packets nothing is concluded: one with an interface in both VLANs says the same in both under one
  /// MAC address, as with multicast listener reports.
  private static func leak(_ trajectory: Trajectory, _ context: DiagnosisContext) -> Leak? {
    let out = trajectory.sightings.filter { $0.hook == context.parentOut }
    guard let sent = out.first, sent.reason == .explains, context.isLocal(sent.frame.source),
      Set(out.map { Segment($0.frame) }).count == 1,
      context.sees(context.parentOut, from: sent.time)
    else { return nil }
    let copy = trajectory.sightings.first {
      $0.hook == context.parentIn && $0.time >= sent.time && $0.time - sent.time < Self.delay
        && Segment($0.frame) != Segment(sent.frame) && $0.frame.source == sent.frame.source
        && $0.frame.destination == sent.frame.destination && $0.frame.ip?.ttl == sent.frame.ip?.ttl
    }
    return copy.map { Leak(sent: sent, copy: $0) }
  }

  /// Within which a copy comes back.
  private static let delay: UInt64 = 1_000_000_000

  private static func finding(_ pair: Pair, _ leaks: [Leak], _ context: DiagnosisContext) -> Finding? {
    guard let first = leaks.first else { return nil }
    let (one, other) = (name(pair.first), name(pair.second))
    let sources = Set(leaks.map(\.copy.frame.source)).sorted()
    return finding(
      .proven, title: "\(one) and \(other) are one broadcast domain: frames leak between them",
      subjects: [context.parent.id.description] + sources.map(\.description),
      evidence: [
        Evidence(
          .trajectory,
          "\(leaks.count) packets that left \(context.parent.name) in one of the two came back in the other, from the same "
            + "MAC address and with the same TTL: not routed"),
        Evidence(
          .trajectory,
          "the first of them, \(text(first.copy.frame)) from \(first.copy.frame.source), left in "
            + "\(name(Segment(first.sent.frame))) and came in in \(name(Segment(first.copy.frame)))"),
      ],
      fixes: [
        Fix(
          "Find what connects \(one) and \(other): on other hosts and routers, a bridge with sub-interfaces of both "
            + "(`bridge link`), or one without VLAN filtering (`ip link set BRIDGE type bridge vlan_filtering 1`); on "
            + "switches, two access ports that are patched together.")
      ])
  }

  private static func name(_ segment: Segment) -> String {
    segment.vlan.map { "VLAN \($0)" } ?? "the untagged network"
  }

  private static func text(_ frame: Frame) -> String {
    if let address = frame.solicitedAddress { return "a request for \(address)" }
    return frame.destinationAddress.map { "a packet to \($0)" } ?? "a frame to \(frame.destination)"
  }
}
