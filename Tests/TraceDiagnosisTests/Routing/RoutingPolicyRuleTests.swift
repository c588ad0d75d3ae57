import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RoutingPolicyRuleTests {
  @Test func isProvenByTheRule() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "EACCES")
    scenario.state(2) {
      $0.routingRules = [
        RoutingRule(priority: 100, destination: IPPrefix(host: Family.v4.address(30)), action: "prohibit")
      ]
    }
    #expect(scenario.ids == ["policy-rule"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.fixes.first?.commands.first?.contains("priority 100") == true)
  }

  @Test func theOrdinaryRulesAreNone() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "ENETUNREACH")
    scenario.state(2) { $0.routingRules = [RoutingRule(priority: 32766, table: 254)] }
    #expect(scenario.ids == ["no-return-route"])
  }
}
