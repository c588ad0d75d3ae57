import NetworkAddresses
import TraceModel

@testable import TraceDiagnosis

/// Two hosts on a switch, as values: each with a parent and one child, each with a clock of its own.
///
/// docker01 has the addresses that end in 2 and 10, docker02 those in 3 and 20.
struct TwoHosts {
  /// What the second host's clock is ahead.
  static let ahead: UInt64 = 7_000_000_000_000
  static let second: UInt64 = 1_000_000_000
  static let parentID = InterfaceID(namespace: 1, ifindex: 2)
  static let childID = InterfaceID(namespace: 2, ifindex: 3)
  /// A sub-interface, for tests that add one.
  static let vlanID = InterfaceID(namespace: 1, ifindex: 20)
  static let macs: [[MACAddress]] = [[mac(0x11), mac(0x12)], [mac(0x21), mac(0x22)]]
  static let lasts: [[UInt32]] = [[2, 10], [3, 20]]

  enum Place { case parentOut, parentIn, childOut, childIn, vlanOut }

  var hosts: [Observation]
  private var nextID: UInt64 = 1000

  static func mac(_ last: UInt64) -> MACAddress { MACAddress(rawValue: 0x0200_0000_0000 | last) }
  static func address(_ last: UInt32) -> IPAddress { .v4(0xac16_1000 | last) }

  init() {
    hosts = (0..<2).map { number in
      let interfaces = [Self.parentID, Self.childID].enumerated().map { index, id in
        var interface = Interface(
          id: id, name: index == 0 ? "ens33" : "eth0", namespace: index == 0 ? "host" : "bbox\(number + 1)",
          kind: index == 0 ? .parent : .macvlan, mac: Self.macs[number][index])
        interface.addresses = [IPPrefix("\(Self.address(Self.lasts[number][index]))/24")].compactMap(\.self)
        interface.parent = index == 0 ? nil : Self.parentID
        interface.mode = index == 0 ? nil : .bridge
        interface.up = true
        interface.carrier = true
        return interface
      }
      let states = interfaces.map { interface in
        var state = NamespaceState(id: interface.id.namespace, name: interface.namespace)
        state.localAddresses = interface.addresses.map(\.address)
        return state
      }
      let topology = Topology(parent: Self.parentID, interfaces: interfaces, namespaces: states)
      let start = UInt64(number) * Self.ahead
      return Observation(
        tool: ToolInformation(version: "test", command: "attach"),
        host: HostInformation(name: "docker0\(number + 1)", kernel: "6.1"),
        window: ObservationWindow(
          start: "2026-01-01T00:00:00.000000000Z", end: "2026-01-01T00:00:10.000000000Z", seconds: 10,
          monotonicStart: start, monotonicEnd: start + 10 * Self.second), before: topology, after: topology)
    }
  }

  /// Applies a change to an interface of a host, in both topologies.
  mutating func change(_ host: Int, _ id: InterfaceID, _ body: (inout Interface) -> Void) {
    for path in [\Observation.before, \Observation.after] {
      for index in hosts[host][keyPath: path].interfaces.indices
      where hosts[host][keyPath: path].interfaces[index].id == id {
        body(&hosts[host][keyPath: path].interfaces[index])
        let interface = hosts[host][keyPath: path].interfaces[index]
        for state in hosts[host][keyPath: path].namespaces.indices
        where hosts[host][keyPath: path].namespaces[state].id == id.namespace {
          hosts[host][keyPath: path].namespaces[state].localAddresses = interface.addresses.map(\.address)
        }
      }
    }
  }

  /// One frame, by second of the first host's clock, at places of each host, 10 microseconds apart on the way.
  mutating func frame(
    _ frame: Frame, id: UInt64? = nil, at second: Double, _ first: [Place], _ other: [Place]
  ) {
    nextID += 1
    let start = UInt64(second * 1e9)
    for (host, places) in [first, other].enumerated() {
      for (step, place) in places.enumerated() {
        let hook =
          switch place {
          case .parentOut: Hook(Self.parentID, .egress)
          case .parentIn: Hook(Self.parentID, .ingress)
          case .childOut: Hook(Self.childID, .egress)
          case .childIn: Hook(Self.childID, .ingress)
          case .vlanOut: Hook(Self.vlanID, .egress)
          }
        hosts[host].sightings.append(
          Sighting(
            time: start + UInt64(host) * (Self.ahead + 10_000) + UInt64(step) * 1000, hook: hook,
            packetID: id ?? nextID,
            frame: frame))
        if place == .parentOut || place == .parentIn {
          hosts[host].counters.append(
            Counter(
              interface: Self.parentID, direction: hook.direction, vlan: frame.outerTag?.vlanID,
              source: frame.source,
              destination: frame.destination, frames: 1, bytes: 60))
        }
      }
      hosts[host].sightings.sort { $0.time < $1.time }
    }
  }

  static func request(_ source: UInt32, _ mac: MACAddress, for target: UInt32) -> Frame {
    Frame(
      source: mac, destination: .broadcast, etherType: 0x0806,
      network: .arp(
        ARPFields(
          operation: 1, senderMAC: mac, senderAddress: address(source), targetMAC: .zero,
          targetAddress: address(target))))
  }

  static func echo(
    _ source: UInt32, _ mac: MACAddress, to target: UInt32, _ targetMAC: MACAddress, type: UInt8 = 8,
    sequence: UInt16 = 1
  ) -> Frame {
    Frame(
      source: mac, destination: targetMAC, etherType: 0x0800,
      network: .ip(
        IPFields(
          source: address(source), destination: address(target), protocol: 1, ttl: 64,
          transport: .icmp(type: type, code: 0, identifier: 1, sequence: sequence))))
  }

  /// bbox1 pings bbox2, and is answered, once each second from the first to the ninth.
  mutating func healthyTraffic() {
    let (one, other) = (Self.macs[0][1], Self.macs[1][1])
    frame(Self.request(10, one, for: 20), at: 0.9, [.childOut, .parentOut], [.parentIn, .childIn])
    for second in 1...9 {
      let sequence = UInt16(second)
      frame(
        Self.echo(10, one, to: 20, other, sequence: sequence), at: Double(second), [.childOut, .parentOut],
        [.parentIn, .childIn])
      frame(
        Self.echo(20, other, to: 10, one, type: 0, sequence: sequence), at: Double(second) + 0.001,
        [.parentIn, .childIn], [.childOut, .parentOut])
    }
  }

  /// bbox1 asks for bbox2 three times, word for word, and docker02 hears nothing of it.
  mutating func lostRequests() {
    for second in [4.5, 5.5, 6.5] {
      frame(Self.request(10, Self.macs[0][1], for: 20), id: 77, at: second, [.childOut, .parentOut], [])
    }
  }

  var result: HostJoinResult { HostJoin.evaluate(hosts) }
  var ids: [String] { result.findings.map(\.id) }
}
