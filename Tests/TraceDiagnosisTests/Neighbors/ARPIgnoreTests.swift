import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ARPIgnoreTests {
  static func scenario(_ value: String) -> Scenario {
    var scenario = Scenario.unheard()
    scenario.change(namespace: 2) { $0.sysctls["ipv4/conf/eth0/arp_ignore"] = value }
    return scenario
  }

  @Test func isProvenByItsValue() {
    let all = Self.scenario("8")
    #expect(all.ids == ["arp-ignore"] && all.confidences == [.proven])
  }

  /// The look-alike: the value does not mean these requests.
  @Test(arguments: ["0", "1", "2", "3"]) func anotherValueIsNone(_ value: String) {
    #expect(Self.scenario(value).ids.isEmpty)
  }
}
