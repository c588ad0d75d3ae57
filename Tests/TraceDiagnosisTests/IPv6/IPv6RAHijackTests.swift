import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPv6RAHijackTests {
  static func scenario(configured: UInt32?) -> Scenario {
    var scenario = NeighborUnansweredTests.asked(.v6)
    scenario.segmentIsAlive()
    guard let everywhere = IPPrefix("::/0") else { return scenario }
    scenario.route(
      2,
      RouteEntry(
        destination: everywhere, gateway: Family.v6.address(99), interface: Scenario.childID, metric: 100,
        origin: "ra"))
    if let configured {
      scenario.route(
        2,
        RouteEntry(
          destination: everywhere, gateway: Family.v6.address(1), interface: Scenario.childID,
          metric: configured,
          origin: "static"))
    }
    return scenario
  }

  @Test func isProvenBesideAConfiguredRoute() {
    let scenario = Self.scenario(configured: 1024)
    #expect(scenario.ids == ["ipv6-ra-hijack"] && scenario.confidences == [.proven])
  }

  @Test func theOnlyRouterIsNoHijacker() {
    #expect(Self.scenario(configured: nil).ids == ["gateway-nonexistent"])
  }
}
