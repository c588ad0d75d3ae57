import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct CPUBacklogTests {
  @Test func isProvenByTheCounter() {
    var scenario = Scenario()
    scenario.drops(at: Scenario.childID, "CPU_BACKLOG")
    #expect(scenario.ids == ["cpu-backlog"] && scenario.confidences == [.likely])
    var before = SystemState(namespace: Scenario.host)
    before.backlog = BacklogCounters(dropped: 4, squeezed: 0)
    scenario.state(of: Scenario.host, before: before) {
      $0.backlog = BacklogCounters(dropped: 9, squeezed: 0)
    }
    #expect(scenario.ids == ["cpu-backlog"] && scenario.confidences == [.proven])
  }

  /// The count is the machine's: without a drop here it is somebody else's.
  @Test func theCounterAloneIsNotThis() {
    var scenario = Scenario()
    var before = SystemState(namespace: Scenario.host)
    before.backlog = BacklogCounters(dropped: 4, squeezed: 0)
    scenario.state(of: Scenario.host, before: before) {
      $0.backlog = BacklogCounters(dropped: 9, squeezed: 0)
    }
    #expect(scenario.ids.isEmpty)
  }
}
