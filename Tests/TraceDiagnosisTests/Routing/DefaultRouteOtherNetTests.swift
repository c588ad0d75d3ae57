import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DefaultRouteOtherNetTests {
  @Test func isProvenByTheWayBack() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, by: Scenario.unobserved)
    if let everywhere = IPPrefix("0.0.0.0/0") {
      scenario.route(
        2, RouteEntry(destination: everywhere, gateway: Family.v4.address(1), interface: Scenario.unobserved))
    }
    #expect(scenario.ids == ["default-route-other-net"] && scenario.confidences == [.proven])
  }
}
