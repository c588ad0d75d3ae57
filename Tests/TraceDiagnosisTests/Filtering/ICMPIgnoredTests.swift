import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ICMPIgnoredTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.pings(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, at: [Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
    scenario.set(
      family == .v4 ? "ipv4/icmp_echo_ignore_all" : "ipv6/icmp/echo_ignore_all", "1",
      in: Scenario.childID.namespace)
    #expect(scenario.ids == ["icmp-ignored"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  /// The setting alone is no fault of a ping that never arrived.
  @Test func aSettingWithoutARequestThereIsNotThis() {
    var scenario = Scenario()
    scenario.set("ipv4/icmp_echo_ignore_all", "1", in: Scenario.childID.namespace)
    scenario.pings(from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, at: [Scenario.parentIn])
    #expect(!scenario.ids.contains("icmp-ignored"))
  }
}
