import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Verdicts on each ordered pair of VLANs, from packets at the parent.
@Suite struct VLANPathJudgeTests {
  private typealias Network = TrunkNetwork

  @Test func aPacketThatComesBackWithAnotherTagAndALowerTTLIsRouted() throws {
    var network = Network()
    network.exchange()
    for (from, to) in [(UInt16(10), UInt16(20)), (20, 10)] {
      let path = try #require(network.path(from, to))
      #expect(path.verdict == .routed && path.routerMAC == Network.router && path.ttlDecrement == 1)
      #expect(path.hopLatency == LatencyPercentiles(nanoseconds: [100_000]) && path.hopLatency?.p50 == 100)
    }
    #expect(network.paths.count == 2)
  }

  @Test func anAnswerByAnotherRouterMakesItAsymmetric() throws {
    var network = Network()
    network.exchange(back: Network.otherRouter)
    #expect(network.path(10, 20)?.verdict == .asymmetric && network.path(20, 10)?.verdict == .asymmetric)
  }

  @Test func aFrameThatNobodyRoutedIsALeak() throws {
    var network = Network()
    network.exchange()
    network.sees(3, .egress, vlan: 10, from: Network.a, to: .broadcast, (10, 20), ttl: 64)
    network.sees(3, .ingress, vlan: 20, from: Network.a, to: .broadcast, (10, 20), ttl: 64)
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .leaked && path.ttlDecrement == 0)
    #expect(network.path(20, 10)?.verdict == .routed)
  }

  /// Queries of a switch are the same in every VLAN, and so is what a host says on each of its sub-interfaces.
  @Test func theSameWordsInTwoVLANsAreNoLeak() {
    var network = Network()
    network.sees(4, .ingress, vlan: 10, from: Network.router, to: .broadcast, (10, 20), ttl: 1)
    network.sees(4, .ingress, vlan: 20, from: Network.router, to: .broadcast, (10, 20), ttl: 1)
    network.sees(5, .egress, vlan: 10, from: Scenario.parentMAC, to: .broadcast, (10, 20), ttl: 1)
    network.sees(5, .egress, vlan: 20, from: Scenario.parentMAC, to: .broadcast, (10, 20), ttl: 1)
    #expect(network.paths.allSatisfy { $0.verdict == .unobserved })
  }

  @Test func aPacketThatDoesNotComeBackIsBlockedAndARefusalIsQuoted() throws {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Network.a, to: Network.router, (10, 20), ttl: 64)
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .blocked && path.routerMAC == Network.router)
    #expect(path.evidence.last == "nobody said why")
    #expect(network.path(20, 10)?.verdict == .unobserved)

    network.observation.sightings.append(
      Sighting(
        time: 200_000, hook: Scenario.parentIn, packetID: 9,
        frame: Frame(
          source: Network.router, destination: Network.a, outerTag: VLANTag(controlInformation: 10),
          etherType: 0x800,
          network: .ip(
            IPFields(
              source: .v4(0xac10_0a01), destination: .v4(0xac10_0a0a), protocol: 1, ttl: 64,
              transport: .icmp(type: 3, code: 13, identifier: 0, sequence: 0))))))
    #expect(network.path(10, 20)?.evidence.last == "172.16.10.1 answered: ICMP type 3, code 13")
  }

  @Test func whatMayStillComeBackIsNotBlocked() {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Network.a, to: Network.router, (10, 20), ttl: 64)
    network.observation.window.monotonicEnd = 500_000_000
    #expect(network.path(10, 20)?.verdict == .unobserved)
  }

  @Test func aRewrittenSourceIsStillRoutedAndSaid() throws {
    var network = Network()
    network.sees(1, .egress, vlan: 10, from: Network.a, to: Network.router, (10, 20), ttl: 64)
    network.sees(
      6, .ingress, vlan: 20, from: Network.router, to: Network.b, (10, 20), ttl: 63, source: .v4(0xac10_1401))
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
