import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ChildToHostBridgeTests {
  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    let scenario = HostChildChecks.childToHost(.bridge, family)
    #expect(scenario.ids == ["child-to-host-bridge"] && scenario.confidences == [.proven])
  }

  /// The look-alike: the host has heard it, so that its own silence is another fault.
  @Test(arguments: Family.allCases) func aReturnedRequestWasHeard(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 2,
      at: [Scenario.childOut, Scenario.parentOut, Scenario.parentIn])
    #expect(scenario.ids.isEmpty)
  }

  /// Who asked first names the fault; the other's tries are evidence for it.
  @Test func bothDirectionsAreOneFinding() {
    var scenario = HostChildChecks.childToHost(.bridge, .v4)
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 10, times: 2, at: [Scenario.parentOut])
    #expect(scenario.findings.count == 1)
  }
}
