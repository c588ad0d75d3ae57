import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct SiblingModeMismatchTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    for (first, second) in [(ChildMode.bridge, ChildMode.vepa), (.vepa, .bridge)] {
      var scenario = PrivateSiblingIsolationTests.siblings(
        first, second, family, at: PrivateSiblingIsolationTests.notReturned)
      #expect(scenario.ids == ["sibling-mode-mismatch"] && scenario.confidences == [.proven])
      scenario.losesFrames()
      #expect(scenario.confidences == [.likely])
    }
  }

  @Test func theCureLeavesTheOneThatIsRight() {
    let scenario = PrivateSiblingIsolationTests.siblings(
      .bridge, .vepa, .v4, at: PrivateSiblingIsolationTests.notReturned)
    #expect(
      scenario.findings.first?.fixes.first?.commands == [
        "ip netns exec bbox3 ip link set dev eth0 type macvlan mode bridge"
      ])
  }

  @Test(arguments: Family.allCases) func aPortThatReturnsFramesIsHealthy(_ family: Family) {
    var scenario = PrivateSiblingIsolationTests.siblings(
      .bridge, .vepa, family, at: PrivateSiblingIsolationTests.returned + [Scenario.siblingIn])
    scenario.answers(
      from: 30, mac: Scenario.siblingMAC, to: 10, Scenario.childMAC, second: 3,
      at: [Scenario.siblingOut, Scenario.parentOut, Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }
}
