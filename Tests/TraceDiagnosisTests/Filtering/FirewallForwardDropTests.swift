import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct FirewallForwardDropTests {
  @Test func isProven() {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 99, Scenario.siblingMAC,
      at: [Scenario.childOut, Scenario.siblingIn])
    scenario.freesLast("NETFILTER_DROP")
    #expect(scenario.ids == ["fw-forward-drop"] && scenario.confidences == [.proven])
  }
}
