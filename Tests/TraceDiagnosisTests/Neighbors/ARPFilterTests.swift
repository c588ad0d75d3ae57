import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ARPFilterTests {
  @Test func isProvenByTheWayBack() {
    var scenario = Scenario.unheard()
    scenario.change(namespace: 2) { $0.sysctls["ipv4/conf/eth0/arp_filter"] = "1" }
    #expect(scenario.ids.isEmpty)
    scenario.asked(2, to: 30, by: Scenario.unobserved)
    #expect(scenario.ids == ["arp-filter"] && scenario.confidences == [.proven])
  }
}
