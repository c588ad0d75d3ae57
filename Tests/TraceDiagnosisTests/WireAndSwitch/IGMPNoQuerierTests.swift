import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IGMPNoQuerierTests {
  private static func counts(
    _ destination: UInt64, _ direction: Direction, _ frames: UInt64, _ scenario: inout Scenario
  ) {
    scenario.observation.counters.append(
      Counter(
        interface: Scenario.parentID, direction: direction,
        source: direction == .ingress ? Scenario.otherMAC : Scenario.childMAC,
        destination: MACAddress(rawValue: destination), frames: frames, bytes: frames * 60))
  }

  @Test func aMemberThatNobodyAsksForIsToldOf() {
    var scenario = Scenario()
    scenario.segmentIsAlive()
    scenario.state(of: Scenario.childID.namespace) {
      $0.groups = [0x0100_5e00_0001, 0x0100_5e01_0203].map {
        GroupMembership(interface: Scenario.childID, mac: MACAddress(rawValue: $0))
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
}
