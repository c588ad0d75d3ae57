import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RPFilterStrictTests {
  static func scenario(_ value: String) -> Scenario {
    var scenario = Scenario.unheard()
    scenario.asked(2, to: 30, by: Scenario.unobserved)
    scenario.change(namespace: 2) { $0.sysctls["ipv4/conf/eth0/rp_filter"] = value }
    return scenario
  }

  @Test func isProvenWithoutADrop() {
    let strict = Self.scenario("1")
    #expect(strict.ids == ["rp-filter-strict"] && strict.confidences == [.proven])
  }

  @Test func aLooseOneIsNone() { #expect(Self.scenario("2").ids.isEmpty) }
}
