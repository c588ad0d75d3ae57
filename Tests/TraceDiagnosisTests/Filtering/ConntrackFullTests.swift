import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ConntrackFullTests {
  @Test func isProven() {
    var scenario = ContainerFirewallTests.pinged()
    var before = SystemState(namespace: Scenario.childID.namespace)
    before.connections = ConnectionTracking(count: 100, limit: 100, dropped: 1)
    scenario.state(of: Scenario.childID.namespace, before: before) {
      $0.connections = ConnectionTracking(count: 100, limit: 100, dropped: 4)
    }
    #expect(scenario.ids == ["conntrack-full"] && scenario.confidences == [.proven])
  }

  /// A table that is nearly full, and a filter's rule that decides.
  @Test func aRuleWithAnAlmostFullTableIsTheRule() {
    var scenario = ContainerFirewallTests.pinged()
    scenario.state(of: Scenario.childID.namespace) {
      $0.connections = ConnectionTracking(count: 100, limit: 100)
      $0.filters = FilterWalkTests.filters(FilterWalkTests.chain("input", [], drops: true))
    }
    #expect(scenario.ids == ["container-firewall"])
  }
}
