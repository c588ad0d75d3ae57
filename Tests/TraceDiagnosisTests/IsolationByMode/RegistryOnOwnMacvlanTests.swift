import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct RegistryOnOwnMacvlanTests {
  /// The host asks for its own child, and gives up a connection to that port.
  static func pulled(port: UInt16) -> Scenario {
    var scenario = Scenario()
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.parentOut])
    scenario.connects(
      from: 2, mac: Scenario.parentMAC, to: 10, Scenario.childMAC, port: port, at: [Scenario.parentOut])
    scenario.freesLast("NEIGH_FAILED")
    scenario.observation.sightings.removeAll { $0.frame.ip != nil }
    scenario.state(of: Scenario.childID.namespace) {
      $0.listeners = [Listener(.tcp, .v4(0), 5000), Listener(.tcp, .v4(0), 80)]
    }
    return scenario
  }

  @Test func isProvenByTheIsolationAndThePort() {
    let scenario = Self.pulled(port: 5000)
    #expect(scenario.ids == ["registry-on-own-macvlan"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.fixes.first?.commands.isEmpty == false)
  }

  @Test func anotherPortIsTheIsolationAlone() {
    #expect(Self.pulled(port: 80).ids == ["host-to-child-bridge"])
  }
}
