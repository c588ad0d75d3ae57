import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct BondALBRewriteTests {
  @Test func answersToABondsPortWereRewritten() {
    var scenario = Scenario()
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.parentOut])
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.mac(0x51), second: 2, at: [Scenario.parentIn])
    var hardware = ParentHardware()
    hardware.bondMode = 6
    hardware.portMACs = [Scenario.mac(0x51), Scenario.parentMAC]
    scenario.observation.hardware = hardware
    #expect(scenario.ids == ["bond-alb-rewrite"] && scenario.confidences == [.proven])
    // The look-alike: a mode that leaves addresses as they are.
    scenario.observation.hardware?.bondMode = 4
    #expect(!scenario.ids.contains("bond-alb-rewrite"))
  }
}
