import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NoReturnRouteTests {
  @Test(arguments: Family.allCases) func isProvenByTheKernelsAnswer(_ family: Family) {
    var scenario = Scenario.unanswered(family)
    #expect(scenario.ids.isEmpty)
    scenario.asked(2, to: 30, over: family, error: "ENETUNREACH")
    #expect(scenario.ids == ["no-return-route"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  /// The look-alike: the answer left, so that there was a way.
  @Test func anAnswerThatLeftIsAnotherCause() {
    var scenario = Scenario.unanswered()
    scenario.asked(2, to: 30, error: "ENETUNREACH")
    scenario.echoes(
      from: 10, mac: Scenario.childMAC, to: 30, Scenario.siblingMAC, second: 3, at: [Scenario.childOut])
    #expect(scenario.ids.isEmpty)
  }
}
