import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct PortPublishIgnoredTests {
  /// Another machine asks the host for a port, and is refused.
  static func asked() -> Scenario {
    var scenario = Scenario()
    scenario.connects(
      from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, port: 80, at: [Scenario.parentIn])
    scenario.segments(
      from: 2, mac: Scenario.parentMAC, to: 3, Scenario.otherMAC, port: 80, flags: 0x14,
      at: [Scenario.parentOut])
    scenario.state(of: Scenario.host) {
      $0.listeners = []
      $0.filters = PacketFilters()
    }
    return scenario
  }

  @Test func isProvenWhereAContainerListens() {
    var scenario = Self.asked()
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [Listener(.tcp, .v4(0), 80)] }
    #expect(scenario.ids == ["port-publish-ignored"] && scenario.confidences == [.proven])
  }

  @Test func whereNoContainerListensNobodyDoes() {
    var scenario = Self.asked()
    scenario.state(of: Scenario.childID.namespace) { $0.listeners = [Listener(.tcp, .v4(0), 443)] }
    #expect(scenario.ids == ["no-listener"])
  }
}
