import NetworkAddresses
import TraceModel

@testable import TraceDiagnosis

/// The version of IP that a scenario's traffic has.
enum Family: CaseIterable {
  case v4, v6

  /// `172.22.16.10` or `fd16::10`, by the last group's number.
  func address(_ last: UInt64) -> IPAddress {
    switch self {
    case .v4: .v4(0xac16_1000 | UInt32(last))
    case .v6: .v6(high: 0xfd16_0000_0000_0000, low: last)
    }
  }
}

/// Observations as values: a host with one child in another namespace, and what was seen of their traffic.
///
/// The host has the addresses that end in 2, its child those in 10; 3 and 99 are others'.
struct Scenario {
  static let host: UInt64 = 1
  static let parentID = InterfaceID(namespace: host, ifindex: 2)
  static let childID = InterfaceID(namespace: 2, ifindex: 3)
  static let siblingID = InterfaceID(namespace: 3, ifindex: 4)
  static let second: UInt64 = 1_000_000_000

  static let parentIn = Hook(parentID, .ingress)
  static let parentOut = Hook(parentID, .egress)
  static let childIn = Hook(childID, .ingress)
  static let childOut = Hook(childID, .egress)
  static let vlanID = InterfaceID(namespace: host, ifindex: 5)
  static let vlanIn = Hook(vlanID, .ingress)
  static let vlanOut = Hook(vlanID, .egress)
  static let siblingIn = Hook(siblingID, .ingress)
  static let siblingOut = Hook(siblingID, .egress)

  static let parentMAC = mac(1)
  static let childMAC = mac(2)
  static let siblingMAC = mac(3)
  /// Another machine's.
  static let otherMAC = mac(0x99)

  var observation: Observation
  private let family: Family
  private var nextID: UInt64 = 100

  init(mode: ChildMode = .bridge, over family: Family = .v4, seconds: UInt64 = 6) {
    self.family = family
    var parent = Interface(
      id: Self.parentID, name: "ens33", namespace: "host", kind: .parent, mac: Self.parentMAC)
    parent.addresses = Self.prefixes(2)
    parent.up = true
    parent.carrier = true
    var hostState = NamespaceState(id: Self.host, name: "host")
    hostState.localAddresses = parent.addresses.map(\.address)
    let topology = Topology(parent: Self.parentID, interfaces: [parent], namespaces: [hostState])
    observation = Observation(
      tool: ToolInformation(version: "test", command: "test"),
      host: HostInformation(name: "test", kernel: "test"),
      window: ObservationWindow(
        start: "", end: "", seconds: Double(seconds), monotonicStart: 0, monotonicEnd: seconds * Self.second),
      before: topology, after: topology)
    addChild(Self.childID, "bbox1", Self.childMAC, last: 10, mode)
  }

  /// A second child, whose addresses end in 30.
  mutating func addSibling(_ mode: ChildMode) {
    addChild(Self.siblingID, "bbox3", Self.siblingMAC, last: 30, mode)
  }

  /// Puts the host's addresses and its child on `ens33.10`.
  mutating func moveToVLAN() {
    for path in [\Observation.before, \Observation.after] {
      observation[keyPath: path].interfaces[0].addresses = []
      var vlan = Interface(
        id: Self.vlanID, name: "ens33.10", namespace: "host", kind: .vlan, mac: Self.parentMAC)
      vlan.addresses = Self.prefixes(2)
      vlan.parent = Self.parentID
      vlan.vlan = VLANID(10)
      vlan.vlanProtocol = .ieee8021Q
      vlan.up = true
      vlan.carrier = true
      observation[keyPath: path].interfaces.insert(vlan, at: 1)
    }
    change(Self.childID) { $0.parent = Self.vlanID }
  }

  private mutating func addChild(
    _ id: InterfaceID, _ name: String, _ mac: MACAddress, last: UInt64, _ mode: ChildMode
  ) {
    var child = Interface(id: id, name: "eth0", namespace: name, kind: .macvlan, mac: mac)
    child.addresses = Self.prefixes(last)
    child.parent = Self.parentID
    child.mode = mode
    child.up = true
    child.carrier = true
    var state = NamespaceState(id: id.namespace, name: name)
    state.netnsName = name
    state.localAddresses = child.addresses.map(\.address)
    for path in [\Observation.before, \Observation.after] {
      observation[keyPath: path].interfaces.append(child)
      observation[keyPath: path].namespaces.append(state)
    }
  }

  static func mac(_ last: UInt64) -> MACAddress { MACAddress(rawValue: 0x0200_0000_0000 | last) }

  private static func prefixes(_ last: UInt64) -> [IPPrefix] {
    ["\(Family.v4.address(last))/24", "\(Family.v6.address(last))/64"].compactMap { IPPrefix($0) }
  }

  var findings: [Finding] { Diagnosis.evaluate(observation).findings }
  var ids: [String] { findings.map(\.id) }
  var confidences: [Confidence] { findings.map(\.confidence) }

  /// Applies a change to both topologies.
  mutating func change(_ id: InterfaceID, _ body: (inout Interface) -> Void) {
    for path in [\Observation.before, \Observation.after] {
      for index in observation[keyPath: path].interfaces.indices
      where observation[keyPath: path].interfaces[index].id == id {
        body(&observation[keyPath: path].interfaces[index])
      }
    }
  }

  /// One ARP request or neighbor solicitation each second, seen at these hooks a microsecond apart.
  mutating func asks(
    from source: UInt64, mac: MACAddress, for target: UInt64, second first: Int = 1, times: Int = 3,
    at hooks: [Hook]
  ) {
    let (source, target) = (family.address(source), family.address(target))
    let network: NetworkFields =
      family == .v4
      ? .arp(
        ARPFields(
          operation: 1, senderMAC: mac, senderAddress: source, targetMAC: .zero, targetAddress: target))
      : .ip(
        IPFields(
          source: source, destination: target, protocol: 58, ttl: 255,
          transport: .neighborDiscovery(target: target, type: 135)))
    sees(network, mac, .broadcast, seconds: first...first + times - 1, at: hooks)
  }

  /// An ARP reply or neighbor advertisement, seen at these hooks.
  mutating func answers(
    from source: UInt64, mac: MACAddress, to target: UInt64, _ targetMAC: MACAddress, second: Int,
    at hooks: [Hook]
  ) {
    let (source, target) = (family.address(source), family.address(target))
    let network: NetworkFields =
      family == .v4
      ? .arp(
        ARPFields(
          operation: 2, senderMAC: mac, senderAddress: source, targetMAC: targetMAC, targetAddress: target))
      : .ip(
        IPFields(
          source: source, destination: target, protocol: 58, ttl: 255,
          transport: .neighborDiscovery(target: source, type: 136)))
    sees(network, mac, targetMAC, seconds: second...second, delay: 5000, at: hooks)
  }

  /// Echo requests, one each second.
  mutating func pings(
    from source: UInt64, mac: MACAddress, to target: UInt64, _ targetMAC: MACAddress, times: Int = 3,
    at hooks: [Hook]
  ) {
    sees(
      .ip(
        IPFields(
          source: family.address(source), destination: family.address(target),
          protocol: family == .v4 ? 1 : 58,
          ttl: 64, transport: .icmp(type: family == .v4 ? 8 : 128, code: 0, identifier: 1, sequence: 1))),
      mac, targetMAC, seconds: 1...times, at: hooks)
  }

  /// UDP datagrams for a group, one each second, recorded and counted.
  mutating func datagrams(
    from source: UInt64, mac: MACAddress, to group: IPAddress, port: UInt16, at hooks: [Hook]
  ) {
    let destination = group.groupMAC ?? .broadcast
    sees(
      .ip(
        IPFields(
          source: family.address(source), destination: group, protocol: 17, ttl: 1,
          transport: .udp(sourcePort: 40000, destinationPort: port))), mac, destination, seconds: 1...3,
      at: hooks)
    for hook in hooks { counts(3, at: hook, from: mac, to: destination) }
  }

  /// Frames that a hook counted.
  mutating func counts(_ frames: UInt64, at hook: Hook, from source: MACAddress, to destination: MACAddress) {
    observation.counters.append(
      Counter(
        interface: hook.interface, direction: hook.direction, source: source, destination: destination,
        frames: frames, bytes: 60 * frames))
  }

  /// An echo reply.
  mutating func echoes(
    from source: UInt64, mac: MACAddress, to target: UInt64, _ targetMAC: MACAddress, second: Int,
    at hooks: [Hook]
  ) {
    sees(
      .ip(
        IPFields(
          source: family.address(source), destination: family.address(target),
          protocol: family == .v4 ? 1 : 58,
          ttl: 64, transport: .icmp(type: family == .v4 ? 0 : 129, code: 0, identifier: 1, sequence: 1))),
      mac, targetMAC, seconds: second...second, delay: 5000, at: hooks)
  }

  /// Three TCP SYNs, one each second.
  mutating func connects(
    from source: UInt64, mac: MACAddress, to target: UInt64, _ targetMAC: MACAddress, port: UInt16,
    at hooks: [Hook]
  ) {
    sees(
      .ip(
        IPFields(
          source: family.address(source), destination: family.address(target), protocol: 6, ttl: 64,
          transport: .tcp(
            sourcePort: 40000, destinationPort: port, flags: 0x02, sequence: 1, acknowledgment: 0))),
      mac, targetMAC, seconds: 1...3, at: hooks)
  }

  /// As many segments back, with these flags: 0x12 SYN and ACK, 0x14 RST and ACK.
  mutating func segments(
    from source: UInt64, mac: MACAddress, to target: UInt64, _ targetMAC: MACAddress, port: UInt16,
    flags: UInt8, at hooks: [Hook]
  ) {
    sees(
      .ip(
        IPFields(
          source: family.address(source), destination: family.address(target), protocol: 6, ttl: 64,
          transport: .tcp(
            sourcePort: port, destinationPort: 40000, flags: flags, sequence: 1, acknowledgment: 2))),
      mac, targetMAC, seconds: 1...3, delay: 5000, at: hooks)
  }

  /// The kernel freed what was seen last, each time behind its last hook.
  mutating func freesLast(_ reason: String?, at location: String? = nil) {
    let last = observation.sightings.filter { $0.packetID == nextID }
    let final = Dictionary(grouping: last) { $0.time / Self.second }.compactMap {
      $0.value.max { $0.time < $1.time }
    }
    for sighting in final.sorted(by: { $0.time < $1.time }) {
      observation.drops.append(
        Drop(
          time: sighting.time + 500, packetID: sighting.packetID,
          namespace: sighting.hook.interface.namespace, interface: sighting.hook.interface, reason: reason,
          location: location, frame: sighting.frame))
    }
  }

  /// What a namespace said of itself at the end; before, unless that is given, it said the same.
  mutating func state(of namespace: UInt64, before: SystemState? = nil, _ body: (inout SystemState) -> Void) {
    var state = SystemState(namespace: namespace)
    body(&state)
    observation.statesAfter.append(state)
    observation.statesBefore.append(before ?? state)
  }

  /// A setting of a namespace.
  mutating func set(_ path: String, _ value: String, in namespace: UInt64) {
    for topology in [\Observation.before, \Observation.after] {
      for index in observation[keyPath: topology].namespaces.indices
      where observation[keyPath: topology].namespaces[index].id == namespace {
        observation[keyPath: topology].namespaces[index].sysctls[path] = value
      }
    }
  }

  /// One echo request of that many octets with the IP header, and its answer where there are hooks for it.
  mutating func exchanges(
    _ size: Int, second: Int, from source: UInt64 = 10, mac: MACAddress = Scenario.childMAC,
    to target: UInt64 = 3,
    _ targetMAC: MACAddress = Scenario.otherMAC, at hooks: [Hook] = [Scenario.childOut, Scenario.parentOut],
    answered: [Hook] = []
  ) {
    for (type, places) in [(UInt8(8), hooks), (0, answered)] {
      let isRequest = type == 8
      sees(
        .ip(
          IPFields(
            source: family.address(isRequest ? source : target),
            destination: family.address(isRequest ? target : source), protocol: 1, ttl: 64,
            transport: .icmp(type: type, code: 0, identifier: 7, sequence: UInt16(second)))),
        isRequest ? mac : targetMAC, isRequest ? targetMAC : mac, seconds: second...second,
        delay: isRequest ? 0 : 5000, length: size + 14, at: places)
    }
  }

  /// Any packet, once a second.
  mutating func packets(
    _ ip: IPFields, mac: MACAddress, to targetMAC: MACAddress, times: Int = 3, delay: UInt64 = 0,
    at hooks: [Hook]
  ) {
    sees(.ip(ip), mac, targetMAC, seconds: 1...times, delay: delay, at: hooks)
  }

  mutating func sees(
    _ network: NetworkFields, _ source: MACAddress, _ destination: MACAddress, tag: VLANTag? = nil,
    seconds: ClosedRange<Int>, delay: UInt64 = 0, length: Int = 0, at hooks: [Hook]
  ) {
    let etherType: UInt16 =
      if case .arp = network { 0x0806 } else { family == .v4 ? 0x0800 : 0x86dd }
    let frame = Frame(
      source: source, destination: destination, outerTag: tag, etherType: etherType, network: network)
    nextID += 1
    for second in seconds {
      for (step, hook) in hooks.enumerated() {
        observation.sightings.append(
          Sighting(
            time: Self.second * UInt64(second) + delay + UInt64(step) * 1000, hook: hook, packetID: nextID,
            length: UInt32(length), frame: frame))
      }
    }
    observation.sightings.sort { $0.time < $1.time }
  }

  /// A frame of another machine came in at the parent.
  mutating func segmentIsAlive() {
    observation.counters.append(
      Counter(
        interface: Self.parentID, direction: .ingress, source: Self.otherMAC, destination: .broadcast,
        frames: 1,
        bytes: 60))
  }

  /// Some frames that explain were not recorded.
  mutating func losesFrames() { observation.loss.explainingFramesLost = 1 }

  /// The kernel freed a frame at an interface.
  mutating func drops(at interface: InterfaceID, _ reason: String) {
    observation.drops.append(
      Drop(
        time: Self.second, packetID: nil, namespace: interface.namespace, interface: interface,
        reason: reason,
        location: nil, frame: nil))
  }
}
