import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostFirewallTests {
  @Test func isProven() {
    var scenario = Scenario()
    scenario.pings(
      from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, at: [Scenario.parentIn])
    scenario.freesLast("NETFILTER_DROP")
    #expect(scenario.ids == ["host-firewall"] && scenario.confidences == [.proven])
  }
}
