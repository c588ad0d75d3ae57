import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct BlackholeRouteTests {
  @Test func isProvenByTheRoute() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "EINVAL")
    #expect(scenario.ids == ["no-return-route"])
    scenario.route(2, RouteEntry(destination: IPPrefix(host: Family.v4.address(30)), type: "blackhole"))
    #expect(scenario.ids == ["blackhole-route"] && scenario.confidences == [.proven])
  }

  @Test func aRouteForOthersIsNone() {
    var scenario = Scenario.unanswered()
    scenario.route(2, RouteEntry(destination: IPPrefix(host: Family.v4.address(31)), type: "blackhole"))
    #expect(scenario.ids.isEmpty)
  }
}
