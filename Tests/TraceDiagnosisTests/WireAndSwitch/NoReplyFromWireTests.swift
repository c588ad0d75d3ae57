import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NoReplyFromWireTests {
  static func asked(_ family: Family) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut, Scenario.parentOut])
    return scenario
  }

  @Test(arguments: Family.allCases) func isProven(_ family: Family) {
    var scenario = Self.asked(family)
    #expect(scenario.ids == ["no-reply-from-wire"] && scenario.confidences == [.proven])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test(arguments: Family.allCases) func aReplyEndsIt(_ family: Family) {
    var scenario = Self.asked(family)
    scenario.echoes(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 4,
      at: [Scenario.parentIn, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: the reply came in at the parent, so that the wire is not to blame.
  @Test(arguments: Family.allCases) func aReplyThatDiedHereIsNotThis(_ family: Family) {
    var scenario = Self.asked(family)
    scenario.echoes(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 2, at: [Scenario.parentIn])
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: it never left the parent.
  @Test func whatNeverLeftIsNotThis() {
    var scenario = Scenario()
    scenario.pings(from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut])
    #expect(scenario.ids.isEmpty)
  }
}
