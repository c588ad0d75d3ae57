import NetworkAddresses
import TraceModel

/// `mac-dup-on-segment`: somebody else on the wire has the MAC address of an interface of this host.
enum MACDuplicateOnSegment: Rule {
  static let card = RuleCard(
    id: "mac-dup-on-segment", title: "a MAC address of this host is used on the wire, too", severity: .error,
    explanation: """
      Two machines on one segment have the same MAC address: a clone of a virtual machine, a container made twice with \
      --mac-address, or an address set by hand. The switch sends the frames of both to whichever spoke last.
      """,
    proof: """
      Frames with the interface's MAC address as their source came in from the wire that had never left this host.
      """,
    fix: """
      Give one of the two another MAC address; where a container runtime chose it, make the container anew without \
      --mac-address.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.isComplete else { return .notEvaluated("some frames were not recorded") }
    // What a switch returns had left before, however late it comes back.
    let sent = Set(
      context.trajectories.filter { $0.sightings.contains { $0.hook.direction == .egress } }.map(\.packetID))
    // Before the first frame was seen leaving an interface, its hook may not have been attached yet. What left then comes
    // in a little later where a switch returns it, or as macvlan hands what one child sends to another to the parent
    // (macvlan_queue_xmit in drivers/net/macvlan.c).
    var begins: [InterfaceID: UInt64] = [:]
    for sighting in context.observation.sightings where sighting.hook.direction == .egress {
      let interface = sighting.hook.interface
      begins[interface] = min(begins[interface] ?? .max, sighting.time)
    }
    var strangers: [InterfaceID: [Sighting]] = [:]
    for trajectory in context.trajectories where !sent.contains(trajectory.packetID) {
      guard let first = trajectory.sightings.first, first.hook == context.parentIn, first.reason == .explains,
        let owner = owner(of: first, begins, context)
      else { continue }
      strangers[owner.id, default: []].append(first)
    }
    let owners = context.topology.interfaces.filter { (strangers[$0.id]?.count ?? 0) > 1 }
    let explained = context.failures.filter { attempt in
      owners.contains {
        attempt.asker == .child($0.id) || attempt.hostInterface == $0.id || $0.owns(attempt.target)
      }
    }
    return .findings(
      owners.map { finding($0, strangers[$0.id] ?? [], context) }, explaining: explained)
  }

  /// Whose MAC address the frame has, if every frame of that interface is seen when it leaves.
  private static func owner(
    of sighting: Sighting, _ begins: [InterfaceID: UInt64], _ context: DiagnosisContext
  ) -> Interface? {
    let owners = context.topology.interfaces.filter { $0.mac == sighting.frame.source }
    guard let owner = owners.first, owner.id.namespace != 0,
      context.observation.before.interface(owner.id)?.mac == owner.mac,
      owners.allSatisfy({
        let begin = begins[$0.id] ?? .max
        return sighting.time > begin && sighting.time - begin > Trajectory.gap
          && context.sees(Hook($0.id, .egress), from: sighting.time)
      })
    else { return nil }
    if owner.mac.map({ OwnSourceMACMulticast.isShared($0, context) }) == true { return nil }
    // The address of an ipvlan child is its parent's.
    return owner.kind == .ipvlan ? nil : owner
  }

  private static func finding(_ owner: Interface, _ seen: [Sighting], _ context: DiagnosisContext) -> Finding
  {
    let mac = owner.mac.map { "\($0)" } ?? "?"
    let claims = Set(seen.compactMap(\.frame.sourceAddress).filter { !$0.isUnspecified }).sorted()
    let who =
      claims.isEmpty
      ? "" : "; they claim to be \(claims.prefix(4).map(\.description).joined(separator: ", "))"
    let commands = Commands(context: context)
    var fixes = [
      Fix(
        "Find the other machine by its address, and give it another MAC address; a container is made anew without --mac-address."
      )
    ]
    if owner.kind.isChild {
      fixes.insert(
        Fix(
          "Give \(owner.label) another MAC address.",
          commands: [
            commands.inside(
              owner,
              "ip link set dev \(Commands.quoted(owner.name)) address \(commands.unusedMAC(for: owner))")
          ]), at: 0)
    }
    return finding(
      .proven, title: "somebody else on the wire has the MAC address of \(owner.label)",
      subjects: [owner.id.description, mac],
      evidence: [
        Evidence(
          .trajectory,
          "\(seen.count) frames from \(mac) came in at \(context.parent.name) that had never left \(owner.label)\(who)"
        ),
        Evidence(.state, "\(mac) is \(owner.label)'s own MAC address"),
      ], fixes: fixes)
  }
}
