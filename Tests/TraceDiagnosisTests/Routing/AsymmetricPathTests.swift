import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct AsymmetricPathTests {
  @Test func isAWarningWhereItHurts() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, by: Scenario.unobserved)
    scenario.route(
      2, RouteEntry(destination: IPPrefix(host: Family.v4.address(30)), interface: Scenario.unobserved))
    #expect(scenario.ids == ["asymmetric-path"] && scenario.findings.first?.severity == .warning)
  }

  @Test func anAnswerThatArrivesIsHealthy() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, by: Scenario.unobserved)
    scenario.echoes(
      from: 10, mac: Scenario.otherMAC, to: 30, Scenario.siblingMAC, second: 3,
      at: [Scenario.parentIn, Scenario.siblingIn])
    #expect(scenario.ids.isEmpty)
  }
}
