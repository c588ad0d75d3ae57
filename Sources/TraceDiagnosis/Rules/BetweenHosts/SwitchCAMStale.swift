import NetworkAddresses
import TraceModel

/// `switch-cam-stale`: a switch still looks for a MAC address where it was.
enum SwitchCAMStale: HostRule {
  static let card = RuleCard(
    id: "switch-cam-stale", title: "the switch looks for a silent child where it was before",
    severity: .error,
    explanation: """
      A switch learns from what a station sends behind which port it is. A container that moved to another host under the \
      same MAC address, and has sent nothing since, is looked for at the old port: frames for it never arrive, until it \
      sends one, or the switch forgets (five minutes by default).
      """,
    proof: """
      Unicast frames for a child left one host and never came in at the other, other unicast frames between the two did, and \
      the child sent nothing all the while.
      """,
    fix: """
      Have the child speak: `arping -U -I INTERFACE ADDRESS` in its namespace; what moves containers should do that by itself \
      (net.ipv4.conf.INTERFACE.arp_notify=1), or clear the switch's table.
      """)

  static func evaluate(_ pair: HostPair) -> HostRuleOutcome {
    var outcome = HostRuleOutcome()
    for (from, to) in pair.directions {
      guard from.context.parentWorks, to.context.parentWorks else { continue }
      // What cannot be said of the rest the general rule says.
      let lost = LostBetweenHosts.lost(from, to, pair).0
      outcome.findings += lost.filter { isCause($0, from, to) }.map { finding($0, from, to, pair) }
    }
    return outcome
  }

  /// Whether the table of a switch is what the evidence favours.
  static func isCause(_ lost: LostBetweenHosts.Lost, _ from: HostView, _ to: HostView) -> Bool {
    let frame = lost.first.frame
    guard !frame.destination.isMulticast, lost.count > 1, lost.target.kind.isChild,
      lost.target.kind != .ipvlan,
      to.context.isComplete, to.sent(from: frame.destination, into: to.segment(of: lost.target)) == 0
    else { return false }
    return others(frame, from, to) > 0
  }

  /// Unicast frames of one host that came in at the other, for another MAC address: exact.
  private static func others(_ frame: Frame, _ from: HostView, _ to: HostView) -> UInt64 {
    to.context.observation.counters.reduce(0) {
      $1.hook == to.context.parentIn && !$1.destination.isMulticast && $1.destination != frame.destination
        && from.context.isLocal($1.source) ? $0 + $1.frames : $0
    }
  }

  private static func finding(
    _ lost: LostBetweenHosts.Lost, _ from: HostView, _ to: HostView, _ pair: HostPair
  ) -> LinkedFinding {
    let frame = lost.first.frame
    let sender = from.context.child(sending: frame).flatMap(from.context.interface) ?? from.context.parent
    let address = lost.address ?? lost.target.addresses.first?.address
    let commands = Commands(context: to.context)
    let name = Commands.quoted(lost.target.name)
    let found = finding(
      .likely, title: "frames for \(to.name(lost.target)) go to another port of the switch",
      subjects: [from.id(sender), to.id(lost.target)]
        + [frame.sourceAddress, address].compactMap { $0?.description },
      evidence: [
        Evidence(
          .trajectory,
          "\(lost.count) frames for \(frame.destination) left \(from.parentName); none of them came in at \(to.parentName)"
        ),
        Evidence(
          .counter,
          "\(others(frame, from, to)) unicast frames of \(from.label) for other addresses did come in at \(to.parentName)"
        ),
        Evidence(.counter, "\(to.name(lost.target)), which has that address, sent nothing all the while"),
        pair.segmentEvidence(Segment(frame)),
        Evidence(.state, "missing for proof: the switch's table (`show mac address-table`, `bridge fdb`)"),
      ],
      fixes: [
        Fix(
          "On \(to.label), have the child speak once"
            + (address.map { ": `\(commands.inside(lost.target, "arping -c 1 -U -I \(name) \($0)"))`." }
              ?? "."))
      ])
    return LinkedFinding(
      finding: found, explains: Set([frame.sourceAddress, lost.address].compactMap { $0?.description }))
  }
}
