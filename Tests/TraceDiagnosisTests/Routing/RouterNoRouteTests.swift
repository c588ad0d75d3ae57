import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RouterNoRouteTests {
  @Test func isProvenByTheKernelsAnswer() {
    var scenario = Scenario.handedToSibling()
    scenario.change(namespace: 3) { $0.sysctls["ipv4/ip_forward"] = "1" }
    scenario.asked(3, to: 99, error: "ENETUNREACH")
    #expect(scenario.ids == ["router-no-route"] && scenario.confidences == [.proven])
  }
}
