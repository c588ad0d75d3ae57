import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct TranslationTests {
  /// bbox1 asks bbox3 by a router on the wire, which puts 172.22.16.1 in its place.
  private static func scenario(as seen: UInt64, ttl: UInt8) -> Scenario {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    let request = { (source: UInt64, ttl: UInt8) in
      IPFields(
        source: Family.v4.address(source), destination: Family.v4.address(30), protocol: 1, ttl: ttl,
        transport: .icmp(type: 8, code: 0, identifier: 7, sequence: 1))
    }
    scenario.packets(
      request(10, 64), mac: Scenario.childMAC, to: Scenario.otherMAC,
      at: [Scenario.childOut, Scenario.parentOut])
    scenario.packets(
      request(seen, ttl), mac: Scenario.otherMAC, to: Scenario.siblingMAC, delay: 10_000,
      at: [Scenario.parentIn, Scenario.siblingIn])
    for (from, to, mac, hooks) in [
      (UInt64(30), seen, Scenario.siblingMAC, [Scenario.siblingOut, Scenario.parentOut]),
      (30, 10, Scenario.otherMAC, [Scenario.parentIn, Scenario.childIn]),
    ] {
      scenario.packets(
        IPFields(
          source: Family.v4.address(from), destination: Family.v4.address(to), protocol: 1, ttl: 64,
          transport: .icmp(type: 0, code: 0, identifier: 7, sequence: 1)), mac: mac, to: Scenario.childMAC,
        delay: 20_000, at: hooks)
    }
    return scenario
  }

  @Test func aRouterThatHidesTheSenderIsFound() {
    let scenario = Self.scenario(as: 1, ttl: 63)
    #expect(scenario.ids == ["nat-hides-source"] && scenario.confidences == [.proven])
  }

  /// The sender sits on another parent: what it is called there is known from the probe.
  @Test(arguments: [UInt64(1), 99]) func atTheTargetsSideTheProbeTells(_ seen: UInt64) {
    var scenario = Scenario()
    scenario.pings(
      from: seen, mac: Scenario.otherMAC, to: 10, Scenario.childMAC,
      at: [Scenario.parentIn, Scenario.childIn])
    scenario.echoes(
      from: 10, mac: Scenario.childMAC, to: seen, Scenario.otherMAC, second: 3,
      at: [Scenario.childOut, Scenario.parentOut])
    scenario.observation.probeRun = ProbeRun(
      from: Station(label: "bbox9", namespace: 77, address: Family.v4.address(99)),
      to: Station(label: "bbox1", namespace: 2, interface: Scenario.childID, address: Family.v4.address(10)),
      protocol: .icmp,
      probes: (1...3).map {
        Probe(sent: Scenario.second * $0 - 1000, ended: Scenario.second * $0 + 9000, outcome: .answered)
      })
    #expect(scenario.ids == (seen == 99 ? [] : ["nat-hides-source"]))
  }

  @Test func somebodyElsesRequestIsNotATranslatedOne() {
    #expect(Self.scenario(as: 1, ttl: 64).ids == [])
  }

  /// Somebody sends to bbox1 with a source address; the kernel frees it.
  private static func martian(_ source: UInt64, from mac: MACAddress, _ reason: String) -> Scenario {
    var scenario = Scenario()
    scenario.packets(
      IPFields(
        source: Family.v4.address(source), destination: Family.v4.address(10), protocol: 1, ttl: 64,
        transport: .icmp(type: 8, code: 0, identifier: 7, sequence: 1)), mac: mac, to: Scenario.childMAC,
      at: [Scenario.parentIn, Scenario.childIn])
    scenario.freesLast(reason, at: "ip_rcv_finish_core")
    return scenario
  }

  @Test func anImpossibleSourceIsFound() {
    for reason in ["IP_LOCAL_SOURCE", "NOT_SPECIFIED"] {
      let scenario = Self.martian(10, from: Scenario.otherMAC, reason)
      #expect(scenario.ids == ["martian-source"] && scenario.confidences == [.proven], "\(reason)")
    }
  }

  @Test func whatTheSwitchReflectsIsNoMartian() {
    #expect(!Self.martian(10, from: Scenario.childMAC, "IP_LOCAL_SOURCE").ids.contains("martian-source"))
  }

  @Test func anotherDropIsNoMartian() {
    #expect(!Self.martian(3, from: Scenario.otherMAC, "NOT_SPECIFIED").ids.contains("martian-source"))
  }

  @Test func aRedirectThatLeadsAstrayIsFoundWhereTheKernelSaysSo() {
    for (gateway, isTold, expected) in [
      (UInt64(3), true, "icmp-redirect"), (1, false, "no-reply-from-wire"),
    ] {
      var scenario = Scenario()
      let target = IPAddress.v4(0x0a63_0001)
      for path in [\Observation.before, \Observation.after] {
        scenario.observation[keyPath: path].namespaces[1].routes = [
          RouteEntry(
            destination: IPPrefix("0.0.0.0/0") ?? IPPrefix(host: target), gateway: Family.v4.address(1),
            interface: Scenario.childID)
        ]
      }
      scenario.packets(
        IPFields(
          source: Family.v4.address(10), destination: target, protocol: 1, ttl: 64,
          transport: .icmp(type: 8, code: 0, identifier: 7, sequence: 1)), mac: Scenario.childMAC,
        to: Scenario.otherMAC, at: [Scenario.childOut, Scenario.parentOut])
      scenario.observation.routeLookups = [
        RouteLookup(
          namespace: 2, destination: target, source: Family.v4.address(10),
          route: RouteEntry(
            destination: IPPrefix(host: target), gateway: Family.v4.address(gateway),
            interface: Scenario.childID,
            origin: isTold ? "redirect" : nil))
      ]
      #expect(scenario.ids == [expected])
    }
  }
}
