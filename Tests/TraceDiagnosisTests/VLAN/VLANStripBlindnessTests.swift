import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct VLANStripBlindnessTests {
  private static func counts(
    _ interface: InterfaceID, _ vlan: UInt16?, _ scenario: inout Scenario
  ) {
    scenario.observation.counters.append(
      Counter(
        interface: interface, direction: .ingress, vlan: vlan.flatMap { VLANID($0) },
        source: Scenario.otherMAC, destination: .broadcast, frames: 3, bytes: 180))
  }

  @Test func anXDPProgramSeesNoTagThatTheCardTakes() {
    var scenario = Scenario()
    Self.counts(Scenario.parentID, 10, &scenario)
    scenario.observation.otherPrograms = [OtherProgram(interface: Scenario.parentID, place: .xdp)]
    #expect(!scenario.ids.contains("vlan-strip-blindness"))
    var hardware = ParentHardware()
    hardware.features = ["rx-vlan-hw-parse"]
    scenario.observation.hardware = hardware
    #expect(scenario.ids.contains("vlan-strip-blindness"))
    scenario.observation.otherPrograms = []
    #expect(!scenario.ids.contains("vlan-strip-blindness"))
  }
}
