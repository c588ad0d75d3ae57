import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// The claims of a pair, from what was seen at the parent.
@Suite struct VerificationJudgeTests {
  private typealias Network = TrunkNetwork

  private static func claim(_ number: Int, _ network: Network) throws -> VLANClaim {
    try #require(network.path(10, 20)?.claims.first { $0.number == number })
  }

  private static func stray(_ kind: StrayFrame.Kind, target: IPAddress? = nil) throws -> StrayFrame {
    StrayFrame(
      pair: VLANPair(try #require(VLANID(10)), try #require(VLANID(20))), kind: kind, source: Network.a,
      destination: target == nil ? MACAddress(rawValue: 0x0300_1234_5678) : .broadcast, target: target,
      count: 2,
      sent: 1)
  }

  /// A frame for whom a stray one was for, as the parent's counters have it.
  private static func count(_ vlan: UInt16?, _ direction: Direction) -> Counter {
    Counter(
      interface: Scenario.parentID, direction: direction, vlan: vlan.flatMap(VLANID.init), source: Network.a,
      destination: MACAddress(rawValue: 0x0300_1234_5678), frames: 2, bytes: 120)
  }

  @Test func whatWorksPassesEveryClaimThatCouldBeTried() throws {
    var network = Network()
    network.verify()
    network.asks([.answered])
    network.exchange()
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .routed)
    #expect(path.claims.map(\.number) == Array(1...22))
    #expect(path.claims.filter { $0.outcome == .fail } == [])
    for number in [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18] {
      #expect(try Self.claim(number, network).outcome == .pass, "claim \(number)")
    }
  }

  @Test(arguments: [
    (StrayFrame.Kind.group, UInt16?(20), "vlan-l2-leak"), (.unicast, 20, "vlan-l2-leak"),
    (.doubleTagged, 20, "vlan-hopping"), (.group, nil, "native-pvid-mismatch"),
    (.group, 0, "native-pvid-mismatch"),
  ])
  func aStrayFrameThatComesOutElsewhereIsNamed(_ kind: StrayFrame.Kind, _ vlan: UInt16?, _ cause: String)
    throws
  {
    var network = Network()
    network.verify(strays: [try Self.stray(kind)])
    network.exchange()
    network.observation.counters = [Self.count(10, .egress)]
    #expect(try Self.claim(15, network).outcome == .pass)
    network.observation.counters.append(Self.count(10, .ingress))
    #expect(try Self.claim(15, network).outcome == .pass, "a port that reflects is no leak")
    network.observation.counters.append(Self.count(vlan, .ingress))
    let claim = try Self.claim(15, network)
    #expect(claim.outcome == .fail && claim.cause == cause)
    let findings = Diagnosis.evaluate(network.observation).findings.map(\.id)
    #expect(findings == (cause == "vlan-hopping" ? [cause] : []))
  }

  @Test func whoAnswersForTheOtherVLANsStationIsNamed() throws {
    var network = Network()
    let target = try #require(Network.addresses[20])
    network.verify(strays: [try Self.stray(.foreignAddress, target: target)])
    network.exchange()
    #expect(try Self.claim(15, network).outcome == .pass)
    network.observation.sightings.append(
      Sighting(
        time: 500_000, hook: Scenario.parentIn, packetID: 77,
        frame: Frame(
          source: Network.router, destination: Network.a, outerTag: VLANTag(controlInformation: 10),
          etherType: 0x806,
          network: .arp(
            ARPFields(
              operation: 2, senderMAC: Network.router, senderAddress: target, targetMAC: Network.a,
              targetAddress: .v4(0))))))
    let claim = try Self.claim(15, network)
    #expect(claim.outcome == .fail && claim.cause == "proxy-arp-hijack")
  }

  /// Its packets vanish on purpose, and the router says so: neither is a failure.
  @Test func theNegativeControlIsNoFailure() throws {
    var network = Network()
    network.verify()
    network.asks([.answered])
    network.asks([.undeliverable(type: 11, code: 0)], hopLimit: 1)
    network.exchange()
    network.sees(8, .egress, vlan: 10, from: Network.a, to: Network.router, (10, 20), ttl: 1)
    #expect(try Self.claim(22, network).outcome == .pass)
    #expect(network.path(10, 20)?.evidence.contains { $0.contains("did not come back") } == false)
    #expect(Diagnosis.evaluate(network.observation).findings == [])
    // Where it arrives, nobody routed it.
    network.observation.sightings.append(
      Sighting(
        time: 900_000, hook: Hook(InterfaceID(namespace: 20, ifindex: 2), .ingress), packetID: 8,
        frame: network.observation.sightings.last?.frame
          ?? Frame(source: .zero, destination: .zero, etherType: 0)))
    let claim = try Self.claim(22, network)
    #expect(claim.outcome == .fail && claim.cause == "vlan-l2-leak")
  }

  @Test func aPolicyIsKeptOrNot() throws {
    let pair = VLANPair(try #require(VLANID(10)), try #require(VLANID(20)))
    for (policy, outcome) in [
      (VLANPolicy(routed: [pair]), VLANClaim.Outcome.pass), (VLANPolicy(blocked: [pair]), .fail),
      (VLANPolicy(others: .blocked), .fail), (VLANPolicy(routed: [pair.reversed]), .unproven),
    ] {
      var network = Network()
      network.verify(policy: policy)
      network.exchange()
      #expect(try Self.claim(20, network).outcome == outcome)
      #expect(network.path(10, 20)?.agreesWithPolicy == (outcome == .unproven ? nil : outcome == .pass))
    }
  }

  /// Who hears is somewhere else: that it answers is all that is known, and enough.
  @Test func anAnswerFromElsewhereProvesTheWay() throws {
    var network = Network()
    for path in [\Observation.before, \Observation.after] {
      network.observation[keyPath: path].interfaces.removeAll { $0.id.namespace == 20 }
      network.observation[keyPath: path].namespaces.removeAll { $0.id == 20 }
    }
    network.verify()
    network.observation.verification?.stations[1].interface = nil
    network.observation.verification?.stations[1].namespace = nil
    network.sees(1, .egress, vlan: 10, from: Network.a, to: Network.router, (10, 20), ttl: 64)
    #expect(network.path(10, 20)?.verdict == .unobserved)
    network.asks([.silence])
    #expect(network.path(10, 20)?.verdict == .blocked)
    network.sees(2, .ingress, vlan: 10, from: Network.router, to: Network.a, (20, 10), ttl: 63, type: 0)
    #expect(network.path(10, 20)?.verdict == .routed && network.path(20, 10)?.verdict == .routed)
    for (number, outcome) in [(4, VLANClaim.Outcome.pass), (5, .unproven), (9, .pass), (13, .unproven)] {
      #expect(try Self.claim(number, network).outcome == outcome, "claim \(number)")
    }
  }

  /// A router that is a container here: what it passes on never leaves the host.
  @Test func aRouterOnThisHostIsSeenInside() throws {
    var network = Network()
    let legs = [UInt16(10), 20].map { number in
      var leg = Interface(
        id: InterfaceID(namespace: 30, ifindex: UInt32(number)), name: "eth\(number)", namespace: "router",
        kind: .macvlan, mac: Scenario.mac(UInt64(number)))
      leg.parent = InterfaceID(namespace: 1, ifindex: UInt32(number))
      leg.vlan = VLANID(number)
      return leg
    }
    for path in [\Observation.before, \Observation.after] {
      network.observation[keyPath: path].interfaces += legs
    }
    network.verify()
    let hooks = [
      (Hook(InterfaceID(namespace: 10, ifindex: 2), .egress), UInt8(64)), (Hook(legs[0].id, .ingress), 64),
      (Hook(legs[1].id, .egress), 63), (Hook(InterfaceID(namespace: 20, ifindex: 2), .ingress), 63),
    ]
    for (index, (hook, ttl)) in hooks.enumerated() {
      network.observation.sightings.append(
        Sighting(
          time: UInt64(index + 1) * 1000, hook: hook, packetID: 1,
          frame: Frame(
            source: Network.a, destination: Scenario.mac(10), etherType: 0x800,
            network: .ip(
              IPFields(
                source: try #require(Network.addresses[10]), destination: try #require(Network.addresses[20]),
                protocol: 1, ttl: ttl, transport: .icmp(type: 8, code: 0, identifier: 1, sequence: 0))))))
    }
    let path = try #require(network.path(10, 20))
    #expect(path.verdict == .routed && path.ttlDecrement == 1 && path.hopLatency?.p50 == 1)
  }
}
