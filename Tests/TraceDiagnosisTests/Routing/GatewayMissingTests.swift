import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct GatewayMissingTests {
  @Test func isSeenByTheCounter() {
    var scenario = Scenario()
    scenario.state(2, ["Ip.OutNoRoutes": 1]) { $0.counters["Ip.OutNoRoutes"] = 4 }
    #expect(scenario.ids == ["gateway-missing"] && scenario.confidences == [.proven])
    if let everywhere = IPPrefix("0.0.0.0/0") {
      scenario.route(2, RouteEntry(destination: everywhere, gateway: Family.v4.address(1)))
    }
    #expect(scenario.ids.isEmpty)
  }

  @Test func aCounterThatStandsIsHealthy() {
    var scenario = Scenario()
    scenario.state(2, ["Ip.OutNoRoutes": 4]) { _ in }
    #expect(scenario.ids.isEmpty)
  }
}
