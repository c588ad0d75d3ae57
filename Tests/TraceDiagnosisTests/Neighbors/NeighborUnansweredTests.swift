import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NeighborUnansweredTests {
  static func asked(_ family: Family, times: Int = 3) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 99, times: times, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  @Test(arguments: Family.allCases) func isProvenOnALiveSegment(_ family: Family) {
    var scenario = Self.asked(family)
    #expect(scenario.ids == ["neighbor-unanswered"] && scenario.confidences == [.likely])
    scenario.segmentIsAlive()
    #expect(scenario.ids == ["neighbor-unanswered"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test func oneRequestMayHaveBeenLost() { #expect(Self.asked(.v4, times: 1).ids.isEmpty) }

  /// The look-alike: the address is a child's of this host.
  @Test func anAddressThatIsKnownHereIsAnotherCause() {
    #expect(HostChildChecks.hostToChild(.bridge, .v4).ids == ["host-to-child-bridge"])
  }

  @Test(arguments: Family.allCases) func anAnswerEndsIt(_ family: Family) {
    var scenario = Self.asked(family)
    scenario.answers(
      from: 99, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 4,
      at: [Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }

  @Test func somebodyElsesQuestionIsNotOurs() {
    var scenario = Scenario()
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 99, at: [Scenario.parentIn, Scenario.childIn])
    scenario.segmentIsAlive()
    #expect(scenario.ids.isEmpty)
  }
}
