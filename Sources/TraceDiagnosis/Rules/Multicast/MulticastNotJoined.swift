import NetworkAddresses
import TraceModel

/// `mcast-not-joined`: a group's datagrams pass a child by, because nobody joined the group on its interface.
enum MulticastNotJoined: Rule {
  static let card = RuleCard(
    id: "mcast-not-joined", title: "a program waits for a group that was not joined on this interface",
    severity: .error,
    explanation: """
      A macvlan child gets those multicast groups only that a program has joined on it. A program that joins without \
      naming an interface joins where the route to the group leads, in a container with several networks often another \
      one; and an interface that is made anew has forgotten its groups.
      """,
    proof: """
      Datagrams for the group came in at the parent, none reached the child, and the group is not in its filter \
      (/proc/net/dev_mcast), while a program in its namespace waits for them.
      """,
    fix: """
      Have the program join the group on that interface (IP_ADD_MEMBERSHIP with the interface's address or index), or let \
      the kernel join: `ip address add 239.1.2.3/32 dev eth0 autojoin`.
      """)

  private struct Case {
    var child: Interface
    var group: IPAddress
    var mac: MACAddress
    var port: UInt16
    var senders: Set<IPAddress>
    var listener: Listener
    /// Interfaces of the same namespace on which it was joined.
    var elsewhere: [InterfaceID]

    /// Whether it is known that the program wants the group, and not just the port.
    var isWanted: Bool { listener.address == group || !elsewhere.isEmpty }
  }

  static func evaluate(_ context: DiagnosisContext) -> RuleOutcome {
    guard context.parentWorks else { return .findings([]) }
    let streams = streams(context)
    guard !streams.isEmpty else { return .findings([]) }
    let found = context.topology.children.flatMap { child in
      streams.compactMap { one($0.key, $0.value, child, context) }
    }
    return .findings(
      found.sorted { ($0.group, $0.port) < ($1.group, $1.port) }.map { finding($0, context) })
  }

  private struct Stream: Hashable {
    var group: IPAddress
    var port: UInt16
    /// The parent or a VLAN on it where it came by.
    var lower: InterfaceID
  }

  /// Datagrams for groups that came in at the parent or a VLAN on it, by who sent them.
  private static func streams(_ context: DiagnosisContext) -> [Stream: Set<IPAddress>] {
    var streams: [Stream: Set<IPAddress>] = [:]
    for sighting in context.observation.sightings where sighting.hook.direction == .ingress {
      guard context.isLower(sighting.hook.interface), let ip = sighting.frame.ip, ip.destination.isMulticast,
        case .udp(_, let port, _) = ip.transport,
        sighting.hook.interface != context.parent.id
          || context.subinterface(of: sighting.frame.outerTag) == nil
      else { continue }
      let stream = Stream(group: ip.destination, port: port, lower: sighting.hook.interface)
      streams[stream, default: []].insert(ip.source)
    }
    return streams
  }

  private static func one(
    _ stream: Stream, _ senders: Set<IPAddress>, _ child: Interface, _ context: DiagnosisContext
  ) -> Case? {
    guard child.up, child.kind != .ipvlan, child.parent == stream.lower, child.mode != .source,
      !context.isInHostNamespace(child), let mac = stream.group.groupMAC,
      context.isMember(child.id, of: mac) == false,
      context.frames(at: Hook(child.id, .ingress), to: mac) == 0,
      let listeners = context.state(child.id.namespace)?.listeners
    else { return nil }
    let waiting = listeners.filter { listener in
      listener.protocol == .udp && listener.port == stream.port
        && (listener.address == stream.group
          || listener.address.isUnspecified && (!listener.address.isIPv4 || stream.group.isIPv4))
    }
    guard let listener = waiting.first(where: { $0.address == stream.group }) ?? waiting.first else {
      return nil
    }
    let elsewhere = (context.state(child.id.namespace)?.groups ?? []).filter {
      $0.mac == mac && $0.interface != child.id
    }.map(\.interface)
    return Case(
      child: child, group: stream.group, mac: mac, port: stream.port, senders: senders, listener: listener,
      elsewhere: elsewhere)
  }

  private static func finding(_ one: Case, _ context: DiagnosisContext) -> Finding {
    let child = one.child
    let lower = child.parent ?? context.parent.id
    let count = context.frames(at: Hook(lower, .ingress), to: one.mac)
    let who = one.senders.sorted().prefix(3).map(\.description).joined(separator: ", ")
    let blind = context.observation.blindHooks.first { $0.hook == Hook(child.id, .ingress) }?.reason
    let isOwnNetwork = one.elsewhere.map { id in
      context.interface(id)?.name ?? "interface number \(id.ifindex)"
    }
    var evidence = [
      Evidence(
        .counter,
        "\(count) frames for the group \(one.group) (\(one.mac)), from \(who), came in at \(context.parent.name); \(child.label) "
          + "got none"),
      Evidence(.state, "\(one.mac) is not in the filter of \(child.label)"),
      Evidence(
        .state,
        "a program there waits for UDP datagrams at \(one.listener.address), port \(one.port)"),
    ]
    if !isOwnNetwork.isEmpty {
      evidence.append(
        Evidence(.state, "the group was joined on \(isOwnNetwork.joined(separator: ", ")) instead"))
    }
    let missing =
      blind ?? (one.isWanted ? nil : "whether that program wants the group, or its own address alone")
    if let missing { evidence.append(Evidence(.state, "missing for proof: \(missing)")) }
    let commands = Commands(context: context)
    let name = Commands.quoted(child.name)
    let isIPv4 = one.group.isIPv4
    var fixes = [
      Fix(
        "Let the kernel join the group on \(child.label).",
        commands: [
          commands.inside(
            child, "ip \(isIPv4 ? "" : "-6 ")address add \(IPPrefix(host: one.group)) dev \(name) autojoin")
        ]),
      Fix("Better: have the program name the interface when it joins (IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP)."),
    ]
    if !isOwnNetwork.isEmpty {
      fixes.append(
        Fix(
          "Or lead the group there, and start the program again.",
          commands: [
            commands.inside(
              child, "ip \(isIPv4 ? "" : "-6 ")route add \(IPPrefix(host: one.group)) dev \(name)")
          ]))
    }
    var made = finding(
      missing == nil ? .proven : one.isWanted ? .likely : .possible,
      title: "\(child.label) has not joined the group \(one.group), for which a program there waits",
      subjects: [child.id.description, one.group.description], evidence: evidence, fixes: fixes)
    // A program at that port that never asked for the group misses nothing.
    if !one.isWanted { made.severity = .info }
    return made
  }
}
