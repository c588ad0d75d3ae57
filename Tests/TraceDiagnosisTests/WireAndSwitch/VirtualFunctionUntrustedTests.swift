import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct VirtualFunctionUntrustedTests {
  @Test(arguments: Family.allCases) func aVirtualFunctionIsRefusedForWantOfTrust(_ family: Family) {
    var scenario = RefusedAddressTests.refused(family)
    var hardware = ParentHardware()
    hardware.driver = "mlx5_core"
    scenario.observation.hardware = hardware
    #expect(scenario.ids == ["switch-port-security"], "the look-alike: a card of its own")
    scenario.observation.hardware?.isVirtualFunction = true
    #expect(scenario.ids == ["vf-untrusted"] && scenario.confidences == [.likely])
  }
}
