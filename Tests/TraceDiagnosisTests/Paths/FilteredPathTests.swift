import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct FilteredPathTests {
  /// bbox3's namespace frees an echo request that came in there for that MAC address.
  private static func forwarded(for mac: MACAddress, bridges: String) -> Scenario {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.change(Scenario.siblingID) { $0.receiveHandler = ReceiveHandler(kind: "bridge", name: "br0") }
    scenario.set("bridge/bridge-nf-call-iptables", bridges, in: 3)
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 99, mac, at: [Scenario.childOut, Scenario.siblingIn])
    scenario.freesLast("NETFILTER_DROP")
    return scenario
  }

  @Test func bridgedFramesThatAreFilteredAreFound() {
    let scenario = Self.forwarded(for: Scenario.mac(0x55), bridges: "1")
    #expect(scenario.ids == ["br-netfilter-filter"])
    #expect(
      scenario.findings.first?.fixes.first?.commands.first?.contains("bridge-nf-call-iptables=0") == true)
  }

  @Test func routedOnesAreTheRoutersMatter() {
    #expect(Self.forwarded(for: Scenario.siblingMAC, bridges: "1").ids == ["fw-forward-drop"])
    #expect(Self.forwarded(for: Scenario.mac(0x55), bridges: "0").ids == ["fw-forward-drop"])
  }

  /// The host has a rule against packets for that address, and bbox1 hears a ping.
  private static func ruled(against address: UInt64, counted: UInt64, prefix: Int = 32) -> Scenario {
    var scenario = Scenario()
    scenario.pings(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, times: 1,
      at: [Scenario.parentIn, Scenario.childIn])
    scenario.echoes(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: 1,
      at: [Scenario.childOut, Scenario.parentOut])
    let mask = [UInt8](repeating: 0xff, count: prefix / 8) + [UInt8](repeating: 0, count: 4 - prefix / 8)
    let value = zip(Family.v4.address(address).octets, mask).map { $0 & $1 }
    let filters = { (packets: UInt64) in
      var rule = FilterRule(handle: 4)
      rule.conditions = [
        .compare(.payload(base: 1, offset: 16, length: 4), mask: mask, .equal, value: value)
      ]
      rule.action = .drop
      rule.packets = packets
      var chain = FilterChain(family: .ip, table: "filter", name: "FORWARD", hook: .forward)
      chain.rules = [rule]
      var filters = PacketFilters()
      filters.chains = [chain]
      return filters
    }
    var before = SystemState(namespace: Scenario.host)
    before.filters = filters(0)
    scenario.state(of: Scenario.host, before: before) { $0.filters = filters(counted) }
    return scenario
  }

  @Test func aHostsRuleThatNeverSeesTheChildIsFound() {
    let scenario = Self.ruled(against: 10, counted: 0)
    #expect(scenario.ids == ["host-firewall-bypassed"] && scenario.confidences == [.proven])
  }

  @Test func rulesThatCountOrMeanOthersAreNone() {
    #expect(Self.ruled(against: 10, counted: 3).ids == [])
    #expect(Self.ruled(against: 11, counted: 0).ids == [])
    // A rule for half of the world is not about this child.
    #expect(Self.ruled(against: 10, counted: 0, prefix: 8).ids == [])
  }

  @Test func answersWithAWrongChecksumAreFound() {
    for (reason, expected) in [("ICMP_CSUM", ["checksum-partial"]), ("NO_SOCKET", [])] {
      var scenario = Scenario()
      scenario.pings(
        from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, times: 1,
        at: [Scenario.childOut, Scenario.parentOut])
      scenario.echoes(
        from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 1,
        at: [Scenario.parentIn, Scenario.childIn])
      scenario.freesLast(reason)
      #expect(scenario.ids == expected, "\(reason)")
    }
  }
}
