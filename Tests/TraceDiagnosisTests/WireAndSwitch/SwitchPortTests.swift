import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// What a switch port's BPDUs show.
@Suite struct SwitchPortTests {
  private static func unanswered() -> Scenario {
    var scenario = Scenario()
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  private static func counts(
    _ destination: UInt64, _ direction: Direction, _ frames: UInt64, _ scenario: inout Scenario
  ) {
    scenario.observation.counters.append(
      Counter(
        interface: Scenario.parentID, direction: direction,
        source: direction == .ingress ? Scenario.otherMAC : Scenario.childMAC,
        destination: MACAddress(rawValue: destination), frames: frames, bytes: frames * 60))
  }

  @Test func aPortThatSendsNothingButBPDUsDoesNotForward() {
    var scenario = Self.unanswered()
    Self.counts(0x0180_c200_0000, .ingress, 1, &scenario)
    #expect(scenario.ids == ["neighbor-unanswered"], "one is no more than a sign of a switch")
    Self.counts(0x0180_c200_0000, .ingress, 3, &scenario)
    #expect(scenario.ids == ["stp-blocking"] && scenario.confidences == [.likely])
    // The look-alike: other frames come through.
    scenario.segmentIsAlive()
    #expect(scenario.ids == ["neighbor-unanswered"])
  }

  @Test func aCarrierThatGoesAfterBPDUsWasTaken() {
    var scenario = Self.unanswered()
    scenario.observation.after.interfaces[0].carrier = false
    #expect(scenario.ids == ["parent-no-carrier"], "the look-alike: a cable")
    Self.counts(0x0180_c200_0000, .egress, 3, &scenario)
    #expect(scenario.ids == ["bpdu-guard"] && scenario.confidences == [.likely])
    scenario.observation.before.interfaces[0].carrier = false
    #expect(scenario.ids == ["parent-no-carrier"])
  }
}
