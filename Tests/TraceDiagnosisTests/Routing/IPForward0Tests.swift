import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPForward0Tests {
  @Test func isProvenByTheSetting() {
    var scenario = Scenario.handedToSibling()
    #expect(scenario.ids.isEmpty)
    scenario.change(namespace: 3) { $0.sysctls["ipv4/ip_forward"] = "0" }
    #expect(scenario.ids == ["ip-forward-0"] && scenario.confidences == [.proven])
    scenario.change(namespace: 3) { $0.sysctls["ipv4/ip_forward"] = "1" }
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: the frame is for somebody else who has the same MAC address, as in passthru mode.
  @Test func aSharedMACAddressMakesNoRouter() {
    var scenario = Scenario.handedToSibling()
    scenario.change(namespace: 3) { $0.sysctls["ipv4/ip_forward"] = "0" }
    scenario.change(Scenario.parentID) { $0.mac = Scenario.siblingMAC }
    #expect(scenario.ids.isEmpty)
  }
}
