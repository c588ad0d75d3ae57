import NetworkAddresses
import Testing
import TraceFile
import TraceModel

/// An observation in which every property holds something.
enum Full {
  static let parent = InterfaceID(namespace: 4_026_531_840, ifindex: 7)
  static let child = InterfaceID(namespace: 4_026_532_001, ifindex: 2, host: 3)

  static func mac(_ last: UInt64) -> MACAddress { MACAddress(rawValue: 0x0242_0000_0000 | last) }
  static let v4 = IPAddress.v4(0xac16_1002)
  static let v6 = IPAddress.v6(high: 0xfd16_0000_0000_0000, low: 10)

  static func written(_ observation: Observation) throws -> [UInt8] {
    var octets: [UInt8] = []
    try ObservationWriter { octets += $0 }.write(observation)
    return octets
  }

  private static func verification() -> VerificationRun {
    let vlans = [UInt16(10), 20].compactMap(VLANID.init)
    let pair = VLANPair(vlans[0], vlans[1])
    var run = VerificationRun(
      vlans: vlans, isPassive: true, hops: 1,
      policy: VLANPolicy(routed: [pair], blocked: [pair.reversed], others: .blocked))
    let station = VLANStation(
      vlan: vlans[0], label: "bbox10", namespace: 4, interface: child, mac: mac(4), addresses: [v4, v6])
    run.stations = [station]
    let end = Station(label: "bbox10", namespace: 4, interface: child, address: v4)
    run.exchanges = [
      VLANExchange(
        pair: pair,
        run: ProbeRun(
          from: end, to: end, protocol: .tcp, port: 33434,
          probes: [Probe(sent: 1, size: 1500, ended: 2, outcome: .tooBig(mtu: 1400))]), hopLimit: 1)
    ]
    run.strays = [
      StrayFrame(
        pair: pair, kind: .broadcast, source: mac(1), destination: mac(2), target: v4, count: 2, sent: 3)
    ]
    run.omissions = [VLANOmission(pair, because: "nobody is there")]
    return run
  }

  private static func interface() -> Interface {
    var interface = Interface(
      id: child, name: "eth\u{1b}0", namespace: "bbox1 \"ü\"", kind: .macvlan, mac: mac(2))
    interface.parent = parent
    interface.vlan = VLANID(10)
    interface.vlanProtocol = .ieee8021Q
    interface.reordersHeader = true
    interface.mode = .bridge
    interface.addresses = [IPPrefix("172.22.16.10/24"), IPPrefix("fd16::10/64")].compactMap(\.self)
    interface.up = true
    interface.carrier = true
    interface.promiscuous = true
    interface.mtu = 1500
    interface.container = Container(runtime: "docker", name: "bbox1", network: "mac_net1")
    interface.promiscuity = 2
    interface.linkKind = "macvlan"
    interface.master = parent
    interface.allowedSources = [mac(9)]
    interface.macvlanFlags = 1
    interface.ipvlanFlags = 2
    interface.broadcastQueueLength = 1000
    interface.broadcastQueueLengthUsed = 2000
    interface.broadcastCutoff = -1
    interface.receiveHandler = ReceiveHandler(kind: "bridge", name: "br0")
    var statistics = InterfaceStatistics()
    statistics.receivedFrames = .max
    statistics.receivedBytes = 2
    statistics.receiveDropped = 3
    statistics.receiveErrors = 4
    statistics.receivedForOtherHost = 5
    statistics.sentFrames = 6
    statistics.sentBytes = 7
    statistics.sendDropped = 8
    statistics.sendErrors = 9
    interface.statistics = statistics
    return interface
  }

  private static func topology() -> Topology {
    var state = NamespaceState(id: child.namespace, name: "bbox1")
    state.netnsName = "bbox1"
    state.pid = 4711
    state.routes = [
      RouteEntry(
        destination: IPPrefix(host: v4), gateway: v4, interface: parent, preferredSource: v6, metric: 100,
        table: 254,
        type: "unicast", origin: "static")
    ]
    state.neighbors = [NeighborEntry(interface: child, address: v4, mac: mac(1), state: .stale)]
    state.sysctls = ["ipv4/ip_forward": "1"]
    state.localAddresses = [v4, v6]
    var lower = Interface(id: parent, name: "ens33", namespace: "host", kind: .parent, mac: mac(1))
    lower.up = true
    return Topology(parent: parent, interfaces: [lower, interface()], namespaces: [state])
  }

  private static func frames() -> [Frame] {
    let transports: [TransportFields] = [
      .none, .icmp(type: 8, code: 1, identifier: 2, sequence: 3), .neighborDiscovery(target: v6, type: 135),
      .tcp(sourcePort: 1, destinationPort: 2, flags: 3, sequence: .max, acknowledgment: 5),
      .udp(sourcePort: 53, destinationPort: 54),
      .udp(
        sourcePort: 67, destinationPort: 68, lease: AddressLease(number: 0xac16_100a, client: mac(7))),
    ]
    let networks: [NetworkFields] =
      [
        .arp(
          ARPFields(operation: 1, senderMAC: mac(1), senderAddress: v4, targetMAC: mac(3), targetAddress: v4)),
        .other,
      ]
      + transports.map {
        .ip(
          IPFields(
            source: v4, destination: v6, protocol: 17, ttl: 64, identification: .max, fragmentOffset: 8,
            transport: $0))
      }
    return networks.map {
      Frame(
        source: mac(1), destination: .broadcast,
        outerTag: VLANTag(protocolID: 0x88a8, controlInformation: 0xe00a),
        innerTag: VLANTag(controlInformation: 20), etherType: 0x0806, network: $0)
    }
  }

  static let observation: Observation = {
    var after = topology()
    after.interfaces[1].mtu = 9000
    var all = Observation(
      tool: ToolInformation(version: "0.1.0", command: "attach"),
      host: HostInformation(name: "docker01", kernel: "6.18.44"),
      window: ObservationWindow(
        start: "2026-01-01T00:00:00.000000000Z", end: "2026-01-01T00:00:10.100000000Z", seconds: 10.1 + 0.2,
        monotonicStart: 1_000_000, monotonicEnd: 10_000_000_000), before: topology(), after: after)
    all.counters = [
      Counter(
        interface: child, direction: .ingress, vlan: VLANID(10), vlanProtocol: .ieee8021ad,
        innerVLAN: VLANID(20),
        source: mac(1), destination: mac(2), frames: 1 << 61, bytes: 3)
    ]
    all.foldedCounters.interfaces = 1
    all.foldedCounters.frames = 2
    all.foldedCounters.bytes = 3
    all.sightings = frames().enumerated().map { number, frame in
      Sighting(
        time: 2_000_000 + UInt64(number), hook: Hook(child, .egress), packetID: .max - UInt64(number),
        reason: number.isMultiple(of: 2) ? .explains : .sampled, length: .max, segments: 40, frame: frame)
    }
    all.drops = [
      Drop(
        time: 5, packetID: .max, namespace: 4_026_531_840, interface: parent, reason: "NEIGH_FAILED",
        location: "neigh_invalidate", frame: frames().first)
    ]
    all.neighborEvents = [NeighborEvent(time: 6, interface: parent, address: v6, mac: mac(4), state: .failed)]
    all.changes = [NetworkChange(time: 7, kind: .parentGone, interface: parent, text: "ens33 was deleted")]
    all.departed = [interface()]
    var program = OtherProgram(interface: parent, place: .tcIngress, position: .before)
    program.programID = 12
    program.name = "their_filter"
    program.tag = "a04f5eef06a7f555"
    program.mode = "generic"
    program.kind = "bpf"
    program.priority = 1
    program.handle = 0x8000_0800
    program.chain = 5
    all.otherPrograms = [program]
    all.blindHooks = [BlindHook(Hook(parent, .ingress), since: 8, reason: "an XDP program may keep frames")]
    let route = topology().namespaces[0].routes[0]
    all.routeLookups = [
      RouteLookup(namespace: 4_026_531_840, destination: v4, source: v6, route: route, error: "ENETUNREACH")
    ]
    let station = Station(label: "bbox1", namespace: 4_026_532_001, interface: child, address: v4)
    let outcomes: [ProbeOutcome] = [
      .undeliverable(type: 3, code: 1), .failed("EHOSTUNREACH"), .refused, .answered, .tooBig(mtu: 1400),
    ]
    all.verification = verification()
    all.probeRun = ProbeRun(
      from: station, to: station, protocol: .tcp, port: 80,
      probes: outcomes.map { Probe(sent: 9, size: 1500, ended: 10, outcome: $0) })
    var other = Observation(
      tool: all.tool, host: all.host, window: all.window, before: all.before, after: all.after)
    other.sightings = all.sightings
    all.far = [other]
    var state = SystemState(namespace: 4_026_532_001)
    state.counters = ["Ip.InAddrErrors": .max]
    state.routingRules = [
      RoutingRule(
        priority: 100, source: IPPrefix("10.0.0.0/8"), destination: IPPrefix("10.1.0.0/16"), table: 100,
        mark: 7,
        inputInterface: "eth0", outputInterface: "ens33", isInverted: true)
    ]
    state.unusableAddresses = [UnusableAddress(interface: child, address: v6, isDuplicate: true)]
    var rule = FilterRule(handle: 7)
    rule.conditions = [
      .compare(.payload(base: 1, offset: 9, length: 1), mask: [0xff], .equal, value: [6]),
      .opaque("xt limit"),
      .compare(.inputName, mask: [1], .notEqual, value: [0x65]),
    ]
    rule.action = .jump("own")
    rule.packets = 8
    var chain = FilterChain(family: .inet, table: "filter", name: "input", hook: .input)
    chain.priority = -10
    chain.dropsByPolicy = true
    chain.packets = 9
    chain.rules = [rule]
    var filters = PacketFilters()
    filters.chains = [chain]
    filters.legacyTables = ["ip6 filter"]
    filters.isTruncated = true
    state.filters = filters
    state.connections = ConnectionTracking(count: 1, limit: 2, dropped: 3, invalid: 4)
    state.listeners = [Listener(.tcp, v6, 80)]
    state.backlog = BacklogCounters(dropped: 5, squeezed: 6)
    state.groups = [GroupMembership(interface: child, mac: mac(7))]
    state.takesVLANs = true
    all.statesBefore = [state]
    all.statesAfter = [state, state]
    var hardware = ParentHardware()
    hardware.driver = "vmxnet3"
    hardware.bus = "0000:02:01.0"
    hardware.isWireless = true
    hardware.isVirtualFunction = true
    hardware.features = ["rx-vlan-filter"]
    hardware.bondMode = 6
    hardware.portMACs = [mac(4)]
    hardware.machine.vendor = "VMware, Inc."
    hardware.machine.product = "VMware7,1"
    hardware.machine.assetTag = "none"
    all.hardware = hardware
    all.observerNamespace = 4_026_531_841
    all.departedParent = DepartedParent(
      interface: interface(), netnsName: "tenant", pid: 4711, survivors: [child])
    all.containerNetworks = [
      ContainerNetwork(
        name: "mac_net1", driver: "macvlan", parent: "ens33", mode: "bridge", isInternal: true)
    ]
    all.loss.sightingsDropped = 1
    all.loss.counterKeysOverflowed = 2
    all.loss.counterBytesOverflowed = 3
    all.loss.overBudget = ["connection": 4]
    all.loss.ringFull = 5
    all.loss.explainingFramesLost = 6
    all.loss.malformedRecords = 7
    all.loss.forgotten = 8
    all.loss.missedRuns = 9
    all.loss.sampledOut = 10
    all.loss.unknownHook = 11
    all.loss.changesForgotten = 12
    all.degradations = [Degradation(feature: "drop reasons", consequence: "none")]
    return all
  }()
}
