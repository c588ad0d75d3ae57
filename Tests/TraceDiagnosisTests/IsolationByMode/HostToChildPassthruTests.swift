import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostToChildPassthruTests {
  @Test(arguments: Family.allCases) func isProvenFromEitherSide(_ family: Family) {
    HostChildChecks.check(
      .passthru, family, hostsSide: "host-to-child-passthru", childsSide: "host-to-child-passthru")
  }

  /// The host asks another machine; the answer comes in and goes to the child.
  @Test(arguments: Family.allCases) func aDeafHostIsProven(_ family: Family) {
    var scenario = Scenario(mode: .passthru, over: family)
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 3, at: [Scenario.parentOut])
    #expect(scenario.ids.isEmpty, "the look-alike: nobody has answered yet")
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, second: 1,
      at: [Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids == ["host-to-child-passthru"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test(arguments: Family.allCases) func othersDoNotReachTheHost(_ family: Family) {
    var scenario = Scenario(mode: .passthru, over: family)
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 2, at: [Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids == ["host-to-child-passthru"] && scenario.confidences == [.proven])
  }

  /// An interface that was given away whole, as to a virtual machine: the host has no address there.
  @Test(arguments: Family.allCases) func whatTheChildAnswersIsHealthy(_ family: Family) {
    var scenario = Scenario(mode: .passthru, over: family)
    scenario.asks(
      from: 3, mac: Scenario.otherMAC, for: 10, times: 1, at: [Scenario.parentIn, Scenario.childIn])
    scenario.answers(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: 1,
      at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids.isEmpty)
  }
}
