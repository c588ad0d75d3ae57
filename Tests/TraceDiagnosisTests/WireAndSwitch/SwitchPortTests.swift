import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// What a switch port's BPDUs, a bond's ports and a segment without a querier show.
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

  @Test func answersToABondsPortWereRewritten() {
    var scenario = Self.unanswered()
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

  @Test func aMemberThatNobodyAsksForIsToldOf() {
    var scenario = Scenario()
    scenario.segmentIsAlive()
    scenario.state(of: Scenario.childID.namespace) {
      $0.groups = [.v4(0xe000_0001), .v4(0xef01_0203)].map {
        GroupMembership(interface: Scenario.childID, address: $0)
      }
    }
    #expect(scenario.ids.isEmpty, "for a few seconds nobody asks on any network")
    scenario.observation.window.seconds = 300
    #expect(scenario.ids == ["igmp-snooping-no-querier"] && scenario.findings.first?.severity == .info)
    var queried = scenario
    Self.counts(0x0100_5e00_0001, .ingress, 1, &queried)
    #expect(queried.ids.isEmpty)
    Self.counts(0x0100_5e01_0203, .ingress, 1, &scenario)
    #expect(scenario.ids.isEmpty)
  }

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
