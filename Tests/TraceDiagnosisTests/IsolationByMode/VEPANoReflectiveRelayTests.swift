import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct VEPANoReflectiveRelayTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    var scenario = PrivateSiblingIsolationTests.siblings(
      .vepa, .vepa, family, at: PrivateSiblingIsolationTests.notReturned)
    #expect(scenario.ids == ["vepa-no-reflective-relay"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test(arguments: Family.allCases) func aPortThatReturnsFramesIsHealthy(_ family: Family) {
    var scenario = PrivateSiblingIsolationTests.siblings(
      .vepa, .vepa, family, at: PrivateSiblingIsolationTests.returned + [Scenario.siblingIn])
    scenario.answers(
      from: 30, mac: Scenario.siblingMAC, to: 10, Scenario.childMAC, second: 3,
      at: [Scenario.siblingOut, Scenario.parentOut, Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: the frame came back, so the switch is not to blame.
  @Test func aReturnedFrameIsNotThis() {
    let scenario = PrivateSiblingIsolationTests.siblings(
      .vepa, .vepa, .v4, at: PrivateSiblingIsolationTests.returned)
    #expect(!scenario.ids.contains("vepa-no-reflective-relay"))
  }
}
