import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct StaleARPTests {
  @Test(arguments: Family.allCases) func isProvenByTheReceiversOwnAddress(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.addSibling(.bridge)
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 30, Scenario.otherMAC,
      at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids == ["stale-arp"] && scenario.confidences == [.proven])
  }

  @Test(arguments: Family.allCases) func aPeersAnswersGoAstray(_ family: Family) {
    var scenario = NoReplyFromWireTests.asked(family)
    scenario.echoes(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.mac(0x55), second: 2, at: [Scenario.parentIn])
    #expect(scenario.ids == ["stale-arp"] && scenario.confidences == [.proven])
  }
}
