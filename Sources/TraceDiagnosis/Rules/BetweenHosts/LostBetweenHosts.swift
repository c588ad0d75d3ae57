import NetworkAddresses
import TraceModel

/// `lost-between-hosts`: frames leave one host and never come to the other.
enum LostBetweenHosts: HostRule {
  static let card = RuleCard(
    id: "lost-between-hosts", title: "frames are lost between two hosts", severity: .error,
    explanation: """
      Frames for the other host left this one as they should and never came in there, although that was observed \
      meanwhile. They were lost in between: at a network card, on a cable, or in a switch, by a filter, a VLAN that a port \
      does not carry, port security, or a table that knows the address elsewhere.
      """,
    proof: """
      Frames for an address of the other host left the parent; the other host's parent, which was up and recorded frames \
      before and after, saw none of them; and other frames of that segment were seen at both.
      """,
    fix: """
      Look at the switch: whether the other host's port is isolated, filters, blocks broadcasts or unknown addresses, or \
      lacks the VLAN, and on which port the destination's MAC address was learned. Then at the cables and network cards.
      """)

  /// Frames of one kind that were lost.
  struct Lost {
    var first: Sighting
    var target: Interface
    var address: IPAddress?
    var count = 0
  }

  private struct Key: Hashable {
    var source: IPAddress?
    var sourceMAC: MACAddress
    var target: InterfaceID
    var noun: String
  }

  static func evaluate(_ pair: HostPair) -> HostRuleOutcome {
    var outcome = HostRuleOutcome()
    let gaps = VLANMissingBetweenHosts.evaluate(pair).findings
    for (from, to) in pair.directions {
      guard from.context.parentWorks, to.context.parentWorks else { continue }
      let (lost, unsure) = lost(from, to, pair)
      // What has a cause of its own is told by that one's rule.
      outcome.findings += lost.filter { !SwitchCAMStale.isCause($0, from, to) }
        .map { finding($0, from, to, pair) }
        .filter { one in !gaps.contains { one.explains.isSubset(of: $0.explains) } }
      if let unsure { outcome.notEvaluated.append(unsure) }
    }
    return outcome
  }

  /// What left `from` for `to` and was not seen there; and why it cannot be said of the rest.
  static func lost(_ from: HostView, _ to: HostView, _ pair: HostPair) -> ([Lost], String?) {
    var order: [Key] = []
    var found: [Key: Lost] = [:]
    var unsure: String?
    for trajectory in from.context.trajectories where to.passages[trajectory.packetID] == nil {
      guard let out = trajectory.first(at: from.context.parentOut), out.reason == .explains,
        trajectory.drops.isEmpty,
        let (target, address) = target(of: out.frame, from, to, pair)
      else { continue }
      if let reason = gap(out, to, pair) {
        unsure = unsure ?? reason
        continue
      }
      let key = Key(
        source: out.frame.sourceAddress, sourceMAC: out.frame.source, target: target.id, noun: noun(out.frame)
      )
      if found[key] == nil {
        order.append(key)
        found[key] = Lost(first: out, target: target, address: address)
      }
      found[key]?.count += 1
    }
    return (order.compactMap { found[$0] }, unsure)
  }

  /// The other host's interface that the frame is for, by its MAC address or by what it asks for.
  private static func target(
    of frame: Frame, _ from: HostView, _ to: HostView, _ pair: HostPair
  ) -> (Interface, IPAddress?)? {
    let segment = Segment(frame)
    let targets = to.steady.filter { pair.isOne(segment, at: from, to.segment(of: $0)) }
    if !frame.destination.isMulticast {
      // Where this host has the address, too, it may have gone elsewhere.
      guard !from.context.isLocal(frame.destination),
        let target = targets.first(where: { $0.mac == frame.destination })
      else { return nil }
      return (target, frame.destinationAddress)
    }
    guard let address = frame.solicitedAddress, !from.context.isLocal(address),
      let target = targets.first(where: { to.heldThroughout(address, by: $0) })
    else { return nil }
    return (target, address)
  }

  /// Why the frame may have come in at `to` all the same; `nil` while not seen means not there.
  static func gap(_ out: Sighting, _ to: HostView, _ pair: HostPair) -> String? {
    let from = to.number == pair.first.number ? pair.second : pair.first
    guard let time = pair.time(out.time, of: from) else {
      return "the clocks of \(from.label) and \(to.label) cannot be compared by the packets that both saw"
    }
    guard let heard = to.heard, time >= Int64(clamping: heard.lowerBound) + HostPair.tolerance,
      time <= Int64(clamping: heard.upperBound) - HostPair.tolerance
    else {
      return
        "frames left \(from.label) for \(to.label) when nothing shows that \(to.label) was observed: nothing came "
        + "in there both before and after"
    }
    if !to.context.sees(to.context.parentIn, from: UInt64(clamping: time)) {
      return "\(to.parentName) did not see every frame"
    }
    return to.context.gap(at: [to.context.parentIn], []).map { "\(to.label): \($0)" }
  }

  private static func noun(_ frame: Frame) -> String {
    if frame.solicitedAddress != nil { return frame.arp == nil ? "neighbor solicitation" : "ARP request" }
    if frame.advertisedAddress != nil { return frame.arp == nil ? "neighbor advertisement" : "ARP reply" }
    guard case .icmp(let type, _, _, _) = frame.ip?.transport else { return "frame" }
    let isIPv4 = frame.ip?.destination.isIPv4 ?? true
    switch (isIPv4, type) {
    case (true, 8), (false, 128): return "echo request"
    case (true, 0), (false, 129): return "echo reply"
    default: return isIPv4 ? "ICMP message" : "ICMPv6 message"
    }
  }

  private static func finding(_ lost: Lost, _ from: HostView, _ to: HostView, _ pair: HostPair)
    -> LinkedFinding
  {
    let frame = lost.first.frame
    let noun = noun(frame)
    let what = "\(lost.count) \(lost.count == 1 ? noun : plural(noun))"
    let whom = lost.address.map { " for \($0)" } ?? " for \(frame.destination)"
    let segment = Segment(frame)
    let sender = from.context.child(sending: frame).flatMap(from.context.interface)
    let start = sender.map { PathStep(from.name($0), .egress, .passed, what + whom) }
    let heard = arrived(from, to)
    let found = finding(
      .proven,
      title: "\(plural(noun)) from \(sender.map(from.name) ?? from.label) to "
        + "\(to.name(lost.target)) are lost between the two hosts",
      subjects: [sender.map(from.id) ?? from.id(from.context.parent), to.id(lost.target)]
        + [frame.sourceAddress, lost.address].compactMap { $0?.description },
      path: (start.map { [$0] } ?? []) + [
        PathStep(from.parentName, .egress, .passed, start == nil ? what + whom : "left on the wire"),
        PathStep("cables and switches", nil, .unobserved, "lost here"),
        PathStep(to.parentName, .ingress, .missing, "never arrived"),
      ],
      evidence: [
        Evidence(
          .trajectory,
          "\(what)\(whom) left \(from.parentName)\(segment.text); none of them came in at \(to.parentName)"),
        Evidence(
          .state,
          "\(to.parentName) is up and recorded frames before and after; \(to.name(lost.target)) was up all the time"
        ),
        Evidence(
          .trajectory,
          heard == 0
            ? "not one packet that left \(from.label) was seen at \(to.label)"
            : "\(heard) other packets that left \(from.label) were seen at \(to.label)"),
        pair.segmentEvidence(segment),
      ],
      fixes: [
        Fix(
          "Look at the switch port of \(to.parentName), then at that of \(from.parentName): whether it is isolated, "
            + "filters, blocks broadcasts or unknown addresses\(segment.vlan.map { ", or lacks VLAN \($0)" } ?? "")."
        )
      ])
    return LinkedFinding(
      finding: found, explains: Set([frame.sourceAddress, lost.address].compactMap { $0?.description }))
  }

  private static func plural(_ noun: String) -> String {
    noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"
  }

  /// Packets that were seen leaving one parent and coming in at the other.
  private static func arrived(_ from: HostView, _ to: HostView) -> Int {
    let arrivals = Set(
      to.context.observation.sightings.lazy.filter { $0.hook == to.context.parentIn }.map(\.packetID))
    return Set(
      from.context.observation.sightings.lazy.filter { $0.hook == from.context.parentOut }.map(\.packetID)
    ).intersection(arrivals).count
  }
}
