import NetworkAddresses
import TraceModel

/// `own-source-mac-multicast`: a child does not hear groups from a machine that shares its MAC address on purpose.
enum OwnSourceMACMulticast: Rule {
  static let card = RuleCard(
    id: "own-source-mac-multicast",
    title: "a virtual router does not hear its partner, which has the same MAC address", severity: .error,
    explanation: """
      Routers that stand in for each other (VRRP, HSRP, CARP) share a MAC address. A macvlan child in bridge or VEPA mode \
      is never given broadcasts and multicasts that have its own MAC address for their source: the driver takes them for \
      an echo of its own. So the routers do not hear each other's announcements, and both become master.
      """,
    proof: """
      Group frames with the child's MAC address for their source came in at the parent that this host did not send, and \
      the child got none of them; the MAC address is one that virtual routers share.
      """,
    fix: """
      Put that child into private mode, in which it gets such frames: `ip link set dev NAME type macvlan mode private`.
      """)

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    return .findings(context.topology.children.compactMap { finding($0, context) })
  }

  private static func finding(_ child: Interface, _ context: DiagnosisContext) -> Finding? {
    guard child.up, child.kind != .ipvlan, child.mode == .bridge || child.mode == .vepa, let mac = child.mac,
      isShared(mac, context)
    else { return nil }
    let lower = child.parent ?? context.parent.id
    let groups = Set(
      context.observation.counters.filter {
        $0.interface == lower && $0.direction == .ingress && $0.source == mac && $0.destination.isMulticast
      }.map(\.destination))
    let missed = groups.sorted().compactMap { group -> (group: MACAddress, count: UInt64)? in
      let came = context.frames(at: Hook(lower, .ingress), from: mac, to: group)
      // What a switch returns has left before.
      let sent = context.frames(at: Hook(lower, .egress), from: mac, to: group)
      guard came > sent, context.frames(at: Hook(child.id, .ingress), from: mac, to: group) == 0,
        group == .broadcast || context.isMember(child.id, of: group) != false
      else { return nil }
      return (group, came - sent)
    }
    guard let first = missed.first else { return nil }
    let hooks = [Hook(lower, .ingress), Hook(child.id, .ingress)]
    let blind = hooks.lazy.compactMap { hook in
      context.observation.blindHooks.first { $0.hook == hook }?.reason
    }.first
    let gap = blind ?? (child.id.namespace == 0 ? "nobody looked inside \(child.label)'s namespace" : nil)
    var evidence = missed.map { one in
      Evidence(
        .counter,
        "\(one.count) frames from \(mac) for the group \(one.group) came in at \(context.parent.name) that this host had not "
          + "sent; \(child.label) got none")
    }
    evidence.append(
      Evidence(
        .state,
        "\(mac) is \(child.label)'s own MAC address, and one that virtual routers share; its mode is "
          + (child.mode?.rawValue ?? "?")))
    if let gap { evidence.append(Evidence(.state, "missing for proof: \(gap)")) }
    let commands = Commands(context: context)
    return finding(
      gap == nil ? .proven : .likely,
      title: "\(child.label) does not hear its partner, which shares its MAC address \(mac)",
      subjects: [child.id.description, mac.description, first.group.description], evidence: evidence,
      fixes: [
        Fix(
          "Put it into private mode, in which it gets such frames. It then hears none of its siblings on this host.",
          commands: [
            commands.inside(
              child, "ip link set dev \(Commands.quoted(child.name)) type macvlan mode private")
          ]),
        Fix("With keepalived, `use_vmac` makes the interface in private mode by itself."),
      ])
  }

  /// Whether a MAC address is one that several machines have on purpose: VRRP and CARP (RFC 5798, 7.3: 00-00-5E-00-01 and
  /// -02), HSRP (RFC 2281, 5.3, and version 2), GLBP; or one that VRRP's packets (protocol 112) come from.
  static func isShared(_ mac: MACAddress, _ context: DiagnosisContext) -> Bool {
    switch mac.rawValue >> 8 {
    case 0x00_005e_0001, 0x00_005e_0002, 0x00_000c_07ac: return true
    default: break
    }
    if mac.rawValue >> 12 == 0x0_0000_c9ff || mac.rawValue >> 24 == 0x0007b4 { return true }
    return context.observation.sightings.contains {
      $0.frame.source == mac && $0.frame.ip?.protocol == 112
    }
  }
}
