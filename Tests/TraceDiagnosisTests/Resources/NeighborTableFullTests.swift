import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NeighborTableFullTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.pings(from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut])
    scenario.freesLast("NEIGH_CREATEFAIL")
    // The kernel frees it before any hook.
    scenario.observation.sightings = []
    #expect(scenario.ids == ["neigh-table-full"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.fixes.first?.commands.count == 2)
  }

  @Test func aNeighborThatDoesNotAnswerIsNotThis() {
    var scenario = Scenario()
    scenario.pings(from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut])
    scenario.freesLast("NEIGH_FAILED")
    #expect(!scenario.ids.contains("neigh-table-full"))
  }
}
