import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct GatewayNonexistentTests {
  @Test(arguments: Family.allCases) func isProvenByTheRoute(_ family: Family) {
    var scenario = NeighborUnansweredTests.asked(family)
    scenario.segmentIsAlive()
    if let everywhere = IPPrefix(family == .v4 ? "0.0.0.0/0" : "::/0") {
      scenario.route(2, RouteEntry(destination: everywhere, gateway: family.address(99)))
    }
    #expect(scenario.ids == ["gateway-nonexistent"] && scenario.confidences == [.proven])
  }

  /// The look-alike: a gateway of others.
  @Test func anothersGatewayIsJustAnAddress() {
    var scenario = NeighborUnansweredTests.asked(.v4)
    scenario.segmentIsAlive()
    #expect(scenario.ids == ["neighbor-unanswered"])
  }
}
