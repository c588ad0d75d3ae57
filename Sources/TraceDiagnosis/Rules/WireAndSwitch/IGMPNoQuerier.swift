import NetworkAddresses
import TraceModel

/// `igmp-snooping-no-querier`: nobody asks for members, so that a snooping switch forgets them.
enum IGMPNoQuerier: Rule {
  static let card = RuleCard(
    id: "igmp-snooping-no-querier", title: "nobody on the segment asks who is in a multicast group",
    severity: .info,
    explanation: """
      A switch with IGMP snooping hands multicast to ports behind which it knows members, and forgets a member that has not \
      reported for some four minutes. Members report when they are asked; where no router or switch is the querier, nobody \
      asks, and multicast stops a few minutes after a container joined its group.
      """,
    proof: """
      A child is a member of a group; for 260 seconds (RFC 3376, 8.4) no query came in, and not one frame of that group.
      """,
    fix: """
      Have a querier in the VLAN (`ip igmp snooping querier` on the switch, a multicast router, or `ip link set BRIDGE type \
      bridge mcast_querier 1`), or turn snooping off.
      """)

  /// The Group Membership Interval with the default values (RFC 3376, 8.4).
  private static let membership = 260.0
  /// What queries are sent to: all systems, 224.0.0.1.
  private static let allSystems = MACAddress(rawValue: 0x0100_5e00_0001)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.observation.window.seconds >= membership, context.framesFromWire > 0 else {
      return .findings([])
    }
    let isQueried = context.observation.counters.contains {
      $0.interface == context.parent.id && $0.destination == allSystems
    }
    guard !isQueried else { return .findings([]) }
    let findings = context.topology.children.compactMap { child -> Finding? in
      let groups = (context.state(child.id.namespace)?.groups ?? []).filter {
        $0.interface == child.id && isSnooped($0.mac) && frames(of: $0.mac, context) == 0
      }.map(\.mac)
      guard let first = groups.first,
        context.sees(context.parentIn, from: context.observation.window.monotonicStart)
      else { return nil }
      return finding(
        .likely, title: "\(child.label) hears nothing of \(first), and nobody queries the segment's members",
        subjects: [child.id.description] + groups.map(\.description),
        evidence: [
          Evidence(
            .state, "\(child.label) is a member of \(groups.map(\.description).joined(separator: ", "))"),
          Evidence(
            .counter,
            "in \(Int(context.observation.window.seconds)) seconds neither an IGMP query nor a frame of that group came "
              + "in at \(context.parent.name)"),
          Evidence(
            .state, "missing for proof: that somebody sends to the group, and that the switch snoops"),
        ],
        fixes: [
          Fix(
            "Enable an IGMP querier on the switch, in the VLAN of \(context.parent.name), or turn IGMP snooping off there."
          )
        ])
    }
    return .findings(findings)
  }

  /// Switches hand 224.0.0.0/24 to everybody (RFC 4541, 2.1.2).
  private static func isSnooped(_ group: MACAddress) -> Bool {
    group.rawValue >> 24 == 0x01005e && group.rawValue >> 8 != 0x0100_5e00_00
  }

  private static func frames(of group: MACAddress, _ context: DiagnosisContext) -> UInt64 {
    context.observation.counters.reduce(0) {
      $1.hook == context.parentIn && $1.destination == group && !context.isLocal($1.source)
        ? $0 + $1.frames : $0
    }
  }
}
