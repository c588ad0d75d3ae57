import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct LROForwardTests {
  @Test func whatTheCardMergedIsTooBigToForward() {
    var scenario = Scenario()
    scenario.change(Scenario.parentID) { $0.mtu = 1500 }
    scenario.segments(
      from: 3, mac: Scenario.otherMAC, to: 99, Scenario.parentMAC, port: 80, flags: 0x10,
      at: [Scenario.parentIn])
    for index in scenario.observation.sightings.indices {
      scenario.observation.sightings[index].length = 4000
    }
    scenario.freesLast("PKT_TOO_BIG")
    #expect(!scenario.ids.contains("gro-lro-forward"))
    var hardware = ParentHardware()
    hardware.features = ["rx-gro", "rx-lro"]
    scenario.observation.hardware = hardware
    #expect(scenario.ids.contains("gro-lro-forward"))
    scenario.observation.hardware?.features = ["rx-gro"]
    #expect(!scenario.ids.contains("gro-lro-forward"))
  }
}
