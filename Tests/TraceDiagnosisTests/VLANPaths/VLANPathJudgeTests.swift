import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Verdicts on each ordered pair of VLANs, from packets at the parent.
@Suite struct VLANPathJudgeTests {
  private static let router = Scenario.mac(0x51)
  private static let otherRouter = Scenario.mac(0x52)
  private static let a = Scenario.mac(0xa)
  private static let b = Scenario.mac(0xb)
  private static let addresses: [UInt16: IPAddress] = [10: .v4(0xac10_0a0a), 20: .v4(0xac10_1415)]

  /// ens33 with VLANs 10 and 20, and a child in each.
  private struct Network {
    var observation: Observation
    private var time: UInt64 = 0

    init() {
      var scenario = Scenario()
      scenario.change(Scenario.parentID) { $0.addresses = [] }
      observation = scenario.observation
      for path in [\Observation.before, \Observation.after] {
        observation[keyPath: path].interfaces.removeAll { $0.id == Scenario.childID }
        for (number, mac) in [(UInt16(10), a), (20, b)] {
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
          child.addresses = [addresses[number].map { IPPrefix("\($0)/24") } ?? nil].compactMap(\.self)
          observation[keyPath: path].interfaces += [vlan, child]
        }
      }
    }

    var paths: [VLANPath] { Diagnosis.evaluate(observation).vlanPaths }
    func path(_ from: UInt16, _ to: UInt16) -> VLANPath? {
      paths.first { $0.from.rawValue == from && $0.to.rawValue == to }
    }

    /// An echo request or reply at the parent.
    mutating func sees(
      _ id: UInt64, _ direction: Direction, vlan: UInt16, from source: MACAddress, to destination: MACAddress,
      _ packet: (UInt16, UInt16), ttl: UInt8, type: UInt8 = 8, after delay: UInt64 = 100_000,
      source rewritten: IPAddress? = nil
    ) {
      time += delay
      let ip = IPFields(
        source: rewritten ?? addresses[packet.0] ?? .v4(0), destination: addresses[packet.1] ?? .v4(0),
        protocol: 1, ttl: ttl, transport: .icmp(type: type, code: 0, identifier: 7, sequence: 1))
      observation.sightings.append(
        Sighting(
          time: time, hook: Hook(Scenario.parentID, direction), packetID: id,
          frame: Frame(
            source: source, destination: destination,
            outerTag: VLANTag(controlInformation: vlan), etherType: 0x800, network: .ip(ip))))
    }

    /// A request from VLAN 10 to 20, and its answer.
    mutating func exchange(back: MACAddress = router) {
      sees(1, .egress, vlan: 10, from: a, to: router, (10, 20), ttl: 64)
      sees(1, .ingress, vlan: 20, from: router, to: b, (10, 20), ttl: 63)
      sees(2, .egress, vlan: 20, from: b, to: back, (20, 10), ttl: 64, type: 0)
      sees(2, .ingress, vlan: 10, from: back, to: a, (20, 10), ttl: 63, type: 0)
    }
  }

  @Test func aPacketThatComesBackWithAnotherTagAndALowerTTLIsRouted() throws {
    var network = Network()
    network.exchange()
    for (from, to) in [(UInt16(10), UInt16(20)), (20, 10)] {
      let path = try #require(network.path(from, to))
      #expect(path.verdict == .routed && path.routerMAC == Self.router && path.ttlDecrement == 1)
      #expect(path.hopLatency == LatencyPercentiles(nanoseconds: [100_000]) && path.hopLatency?.p50 == 100)
    }
    #expect(network.paths.count == 2)
  }

  @Test func anAnswerByAnotherRouterMakesItAsymmetric() throws {
    var network = Network()
    network.exchange(back: Self.otherRouter)
    #expect(network.path(10, 20)?.verdict == .asymmetric && network.path(20, 10)?.verdict == .asymmetric)
  }

  @Test func aFrameThatNobodyRoutedIsALeak() throws {
    var network = Network()
    network.exchange()
    network.sees(3, .egress, vlan: 10, from: Self.a, to: .broadcast, (10, 20), ttl: 64)
    network.sees(3, .ingress, vlan: 20, from: Self.a, to: .broadcast, (10, 20), ttl: 64)
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .leaked && path.ttlDecrement == 0)
    #expect(network.path(20, 10)?.verdict == .routed)
  }

  /// Queries of a switch are the same in every VLAN, and so is what a host says on each of its sub-interfaces.
  @Test func theSameWordsInTwoVLANsAreNoLeak() {
    var network = Network()
    network.sees(4, .ingress, vlan: 10, from: Self.router, to: .broadcast, (10, 20), ttl: 1)
    network.sees(4, .ingress, vlan: 20, from: Self.router, to: .broadcast, (10, 20), ttl: 1)
    network.sees(5, .egress, vlan: 10, from: Scenario.parentMAC, to: .broadcast, (10, 20), ttl: 1)
    network.sees(5, .egress, vlan: 20, from: Scenario.parentMAC, to: .broadcast, (10, 20), ttl: 1)
    #expect(network.paths.allSatisfy { $0.verdict == .unobserved })
  }

  @Test func aPacketThatDoesNotComeBackIsBlockedAndARefusalIsQuoted() throws {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Self.a, to: Self.router, (10, 20), ttl: 64)
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .blocked && path.routerMAC == Self.router)
    #expect(path.evidence.last == "nobody said why")
    #expect(network.path(20, 10)?.verdict == .unobserved)

    network.observation.sightings.append(
      Sighting(
        time: 200_000, hook: Scenario.parentIn, packetID: 9,
        frame: Frame(
          source: Self.router, destination: Self.a, outerTag: VLANTag(controlInformation: 10),
          etherType: 0x800,
          network: .ip(
            IPFields(
              source: .v4(0xac10_0a01), destination: .v4(0xac10_0a0a), protocol: 1, ttl: 64,
              transport: .icmp(type: 3, code: 13, identifier: 0, sequence: 0))))))
    #expect(network.path(10, 20)?.evidence.last == "172.16.10.1 answered: ICMP type 3, code 13")
  }

  @Test func whatMayStillComeBackIsNotBlocked() {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Self.a, to: Self.router, (10, 20), ttl: 64)
    network.observation.window.monotonicEnd = 500_000_000
    #expect(network.path(10, 20)?.verdict == .unobserved)
  }

  @Test func aRewrittenSourceIsStillRoutedAndSaid() throws {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Self.a, to: Self.router, (10, 20), ttl: 64)
    network.sees(
      6, .ingress, vlan: 20, from: Self.router, to: Self.b, (10, 20), ttl: 63, source: .v4(0xac10_1401))
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .routed)
    #expect(
      path.evidence.contains("the router rewrote the source of 1 packet: 172.16.10.10 became 172.16.20.1"))
  }

  @Test func oneVLANHasNoPairs() {
    var network = Network()
    for path in [\Observation.before, \Observation.after] {
      network.observation[keyPath: path].interfaces.removeAll { $0.vlan?.rawValue == 20 }
    }
    network.exchange()
    #expect(network.paths.isEmpty)
  }
}
