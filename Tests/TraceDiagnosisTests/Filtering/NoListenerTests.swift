import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NoListenerTests {
  /// Another machine asks for a port of the child's, which refuses.
  static func refused(_ family: Family = .v4) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.connects(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, port: 80,
      at: [Scenario.parentIn, Scenario.childIn])
    scenario.segments(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, port: 80, flags: 0x14,
      at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  @Test(arguments: Family.allCases) func nobodyListens(_ family: Family) {
    var scenario = Self.refused(family)
    #expect(scenario.ids == ["no-listener"] && scenario.confidences == [.likely])
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [] }
    #expect(scenario.ids == ["no-listener"] && scenario.confidences == [.proven])
  }

  /// That nobody listens is known of the very port, address and protocol alone, and when it is proven.
  @Test(arguments: Family.allCases) func aProbeHasNoListenerWhereThatIsProven(_ family: Family) {
    var scenario = Self.refused(family)
    let run = { (kind: ProbeProtocol, port: UInt16, last: UInt64) in
      ProbeRun(
        from: Station(label: "3", address: family.address(3)),
        to: Station(label: "bbox1", address: family.address(last)), protocol: kind, port: port)
    }
    #expect(!run(.tcp, 80, 10).hasNoListener(in: scenario.findings))
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [] }
    #expect(run(.tcp, 80, 10).hasNoListener(in: scenario.findings))
    for other in [run(.udp, 80, 10), run(.tcp, 81, 10), run(.tcp, 80, 30)] {
      #expect(!other.hasNoListener(in: scenario.findings))
    }
  }

  @Test func whoListensElsewhereIsNamed() throws {
    var scenario = Self.refused()
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [Listener(.tcp, .v4(0x7f00_0001), 80)] }
    let finding = try #require(scenario.findings.first)
    #expect(finding.id == "no-listener" && finding.evidence.contains { $0.text.contains("127.0.0.1 alone") })
  }

  /// The look-alike: a program listens, so that something else refused.
  @Test func whoListensThereIsNotThis() {
    var scenario = Self.refused()
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [Listener(.tcp, .v4(0), 80)] }
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: a rule that refuses in the program's name.
  @Test func aRejectingRuleIsNotThis() {
    var scenario = Scenario()
    scenario.connects(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, port: 80,
      at: [Scenario.parentIn, Scenario.childIn])
    scenario.freesLast("NETFILTER_DROP")
    scenario.segments(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, port: 80, flags: 0x14,
      at: [Scenario.childOut, Scenario.parentOut])
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [] }
    #expect(scenario.ids == ["container-firewall"])
  }
}
