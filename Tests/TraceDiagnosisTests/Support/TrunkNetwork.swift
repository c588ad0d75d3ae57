import NetworkAddresses
import TraceModel

@testable import TraceDiagnosis

/// ens33 with VLANs 10 and 20, and a child in each.
struct TrunkNetwork {
  static let router = Scenario.mac(0x51)
  static let otherRouter = Scenario.mac(0x52)
  static let a = Scenario.mac(0xa)
  static let b = Scenario.mac(0xb)
  static let addresses: [UInt16: IPAddress] = [10: .v4(0xac10_0a0a), 20: .v4(0xac10_1415)]

  var observation: Observation
  var time: UInt64 = 0

  init() {
    var scenario = Scenario()
    scenario.change(Scenario.parentID) { $0.addresses = [] }
    observation = scenario.observation
    for path in [\Observation.before, \Observation.after] {
      observation[keyPath: path].interfaces.removeAll { $0.id == Scenario.childID }
      for (number, mac) in [(UInt16(10), Self.a), (20, Self.b)] {
        var vlan = Interface(
          id: InterfaceID(namespace: 1, ifindex: UInt32(number)), name: "ens33.\(number)",
          namespace: "host",
          kind: .vlan, mac: Scenario.parentMAC)
        vlan.parent = Scenario.parentID
        vlan.vlan = VLANID(number)
        var child = Interface(
          id: InterfaceID(namespace: UInt64(number), ifindex: 2), name: "eth0", namespace: "bbox\(number)",
          kind: .macvlan, mac: mac)
        child.parent = vlan.id
        child.vlan = vlan.vlan
        child.addresses = [Self.addresses[number].map { IPPrefix("\($0)/24") } ?? nil].compactMap(\.self)
        var state = NamespaceState(id: UInt64(number), name: child.namespace)
        state.localAddresses = child.addresses.map(\.address)
        observation[keyPath: path].namespaces.append(state)
        observation[keyPath: path].interfaces += [vlan, child]
      }
    }
  }

  var paths: [VLANPath] { Diagnosis.evaluate(observation).vlanPaths }
  func path(_ from: UInt16, _ to: UInt16) -> VLANPath? {
    paths.first { $0.from.rawValue == from && $0.to.rawValue == to }
  }

  /// An echo request or reply at the parent, or at a VLAN's child.
  mutating func sees(
    _ id: UInt64, _ direction: Direction, vlan: UInt16, from source: MACAddress, to destination: MACAddress,
    _ packet: (UInt16, UInt16), ttl: UInt8, type: UInt8 = 8, after delay: UInt64 = 100_000,
    source rewritten: IPAddress? = nil, at child: UInt16? = nil
  ) {
    time += delay
    let ip = IPFields(
      source: rewritten ?? Self.addresses[packet.0] ?? .v4(0),
      destination: Self.addresses[packet.1] ?? .v4(0),
      protocol: 1, ttl: ttl, transport: .icmp(type: type, code: 0, identifier: 7, sequence: 1))
    observation.sightings.append(
      Sighting(
        time: time,
        hook: Hook(
          child.map { InterfaceID(namespace: UInt64($0), ifindex: 2) } ?? Scenario.parentID, direction),
        packetID: id,
        frame: Frame(
          source: source, destination: destination,
          outerTag: child == nil ? VLANTag(controlInformation: vlan) : nil, etherType: 0x800, network: .ip(ip)
        )))
  }

  /// A request from VLAN 10 to 20, and its answer.
  mutating func exchange(back: MACAddress = TrunkNetwork.router) {
    sees(1, .egress, vlan: 10, from: Self.a, to: Self.router, (10, 20), ttl: 64, at: 10)
    sees(1, .egress, vlan: 10, from: Self.a, to: Self.router, (10, 20), ttl: 64)
    sees(1, .ingress, vlan: 20, from: Self.router, to: Self.b, (10, 20), ttl: 63)
    sees(1, .ingress, vlan: 20, from: Self.router, to: Self.b, (10, 20), ttl: 63, at: 20)
    sees(2, .egress, vlan: 20, from: Self.b, to: back, (20, 10), ttl: 64, type: 0)
    sees(2, .ingress, vlan: 10, from: back, to: Self.a, (20, 10), ttl: 63, type: 0)
    sees(2, .ingress, vlan: 10, from: back, to: Self.a, (20, 10), ttl: 63, type: 0, at: 10)
  }

  /// Verifies the two, by stations that are there.
  mutating func verify(isPassive: Bool = false, policy: VLANPolicy? = nil, strays: [StrayFrame] = []) {
    let vlans = [UInt16(10), 20].compactMap(VLANID.init)
    var run = VerificationRun(vlans: vlans, isPassive: isPassive, policy: policy)
    run.stations = vlans.compactMap { vlan in
      Self.addresses[vlan.rawValue].map { address in
        VLANStation(
          vlan: vlan, label: "bbox\(vlan)", namespace: UInt64(vlan.rawValue),
          interface: InterfaceID(namespace: UInt64(vlan.rawValue), ifindex: 2),
          mac: vlan.rawValue == 10 ? Self.a : Self.b, addresses: [address])
      }
    }
    run.strays = strays
    observation.verification = run
  }

  /// What was tried from VLAN 10 to VLAN 20.
  mutating func asks(_ outcomes: [ProbeOutcome], hopLimit: UInt8? = nil) {
    guard let from = VLANID(10), let to = VLANID(20), let sender = observation.verification?.stations.first,
      let receiver = observation.verification?.stations.last, let first = sender.station(isIPv4: true),
      let last = receiver.station(isIPv4: true)
    else { return }
    let probes = outcomes.map { Probe(sent: 1, ended: $0 == .silence ? nil : 2, outcome: $0) }
    observation.verification?.exchanges.append(
      VLANExchange(
        pair: VLANPair(from, to), run: ProbeRun(from: first, to: last, protocol: .icmp, probes: probes),
        hopLimit: hopLimit))
  }
}
