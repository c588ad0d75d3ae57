import NetworkAddresses
import TraceModel

/// Observations as values: a host with one child in another namespace, and what was seen of their traffic.
struct Scenario {
  static let host: UInt64 = 1
  static let parentID = InterfaceID(namespace: host, ifindex: 2)
  static let childID = InterfaceID(namespace: 2, ifindex: 3)
  static let second: UInt64 = 1_000_000_000

  var observation: Observation
  private var nextID: UInt64 = 100

  init(mode: ChildMode = .bridge, seconds: UInt64 = 6) {
    var parent = Interface(
      id: Self.parentID, name: "ens33", namespace: "host", kind: .parent, mac: Self.mac(1))
    parent.addresses = Self.prefixes("172.22.16.2/24")
    parent.up = true
    parent.carrier = true
    var child = Interface(
      id: Self.childID, name: "eth0", namespace: "bbox1", kind: .macvlan, mac: Self.mac(2))
    child.addresses = Self.prefixes("172.22.16.10/24")
    child.parent = Self.parentID
    child.mode = mode
    child.up = true
    child.carrier = true
    var hostState = NamespaceState(id: Self.host, name: "host")
    hostState.localAddresses = parent.addresses.map(\.address)
    var childState = NamespaceState(id: 2, name: "bbox1")
    childState.netnsName = "bbox1"
    childState.localAddresses = child.addresses.map(\.address)
    let topology = Topology(
      parent: Self.parentID, interfaces: [parent, child], namespaces: [hostState, childState])
    observation = Observation(
      tool: ToolInformation(version: "test", command: "test"),
      host: HostInformation(name: "test", kernel: "test"),
      window: ObservationWindow(
        start: "", end: "", seconds: Double(seconds), monotonicStart: 0, monotonicEnd: seconds * Self.second),
      before: topology, after: topology)
  }

  static func mac(_ last: UInt64) -> MACAddress { MACAddress(rawValue: 0x0200_0000_0000 | last) }
  static func prefixes(_ text: String) -> [IPPrefix] { IPPrefix(text).map { [$0] } ?? [] }
  static func address(_ last: UInt32) -> IPAddress { .v4(0xac16_1000 | last) }

  /// Applies a change to both topologies.
  mutating func change(_ id: InterfaceID, _ body: (inout Interface) -> Void) {
    for path in [\Observation.before, \Observation.after] {
      for index in observation[keyPath: path].interfaces.indices
      where observation[keyPath: path].interfaces[index].id == id {
        body(&observation[keyPath: path].interfaces[index])
      }
    }
  }

  /// One ARP request each second, seen at these hooks a microsecond apart.
  mutating func asks(
    from source: UInt32, mac: MACAddress, for target: UInt32, times: Int = 3, at hooks: [Hook]
  ) {
    let arp = ARPFields(
      operation: 1, senderMAC: mac, senderAddress: Self.address(source), targetMAC: .zero,
      targetAddress: Self.address(target))
    let frame = Frame(source: mac, destination: .broadcast, etherType: 0x0806, network: .arp(arp))
    nextID += 1
    for turn in 0..<times {
      for (step, hook) in hooks.enumerated() {
        observation.sightings.append(
          Sighting(
            time: Self.second * UInt64(turn + 1) + UInt64(step) * 1000, hook: hook, packetID: nextID,
            frame: frame))
      }
    }
    observation.sightings.sort { $0.time < $1.time }
  }

  /// An ARP reply, seen at these hooks.
  mutating func answers(
    from source: UInt32, mac: MACAddress, to target: UInt32, _ targetMAC: MACAddress, second: UInt64,
    at hooks: [Hook]
  ) {
    let arp = ARPFields(
      operation: 2, senderMAC: mac, senderAddress: Self.address(source), targetMAC: targetMAC,
      targetAddress: Self.address(target))
    nextID += 1
    for (step, hook) in hooks.enumerated() {
      observation.sightings.append(
        Sighting(
          time: Self.second * second + 5000 + UInt64(step) * 1000, hook: hook, packetID: nextID,
          frame: Frame(source: mac, destination: targetMAC, etherType: 0x0806, network: .arp(arp))))
    }
    observation.sightings.sort { $0.time < $1.time }
  }

  /// A frame of another machine came in at the parent.
  mutating func segmentIsAlive() {
    observation.counters.append(
      Counter(
        interface: Self.parentID, direction: .ingress, source: Self.mac(0x99), destination: .broadcast,
        frames: 1,
        bytes: 60))
  }
}
