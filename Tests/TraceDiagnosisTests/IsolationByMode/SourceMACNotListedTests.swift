import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct SourceMACNotListedTests {
  static func asked(_ family: Family) -> Scenario {
    var scenario = Scenario(mode: .source, over: family)
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 10, at: [Scenario.parentIn])
    return scenario
  }

  @Test(arguments: Family.allCases) func aRequestOfSomebodyElseIsProven(_ family: Family) {
    var scenario = Self.asked(family)
    #expect(scenario.ids == ["source-mac-not-listed"] && scenario.confidences == [.proven])
    #expect(
      scenario.findings.first?.fixes.first?.commands == [
        "ip netns exec bbox1 ip link set dev eth0 type macvlan macaddr add 02:00:00:00:00:99"
      ])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  /// The child's own question is answered, and it does not hear that.
  @Test(arguments: Family.allCases) func anAnswerIsProven(_ family: Family) {
    var scenario = Scenario(mode: .source, over: family)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut, Scenario.parentOut])
    scenario.answers(
      from: 3, mac: Scenario.otherMAC, to: 10, Scenario.childMAC, second: 2, at: [Scenario.parentIn])
    #expect(scenario.ids == ["source-mac-not-listed"] && scenario.confidences == [.proven])
  }

  /// The look-alike: a listed sender whose frames do not arrive has another fault.
  @Test(arguments: Family.allCases) func aListedSenderIsNotThis(_ family: Family) {
    var scenario = Self.asked(family)
    scenario.change(Scenario.childID) { $0.allowedSources = [Scenario.otherMAC] }
    #expect(scenario.ids.isEmpty)
  }

  /// The look-alike: the child is down, which stops frames as well.
  @Test func aChildThatIsDownIsAnotherCause() {
    var scenario = Self.asked(.v4)
    scenario.change(Scenario.childID) { $0.up = false }
    #expect(scenario.ids == ["child-down"])
  }

  @Test(arguments: Family.allCases) func aListedSenderThatIsAnsweredIsHealthy(_ family: Family) {
    var scenario = Scenario(mode: .source, over: family)
    scenario.change(Scenario.childID) { $0.allowedSources = [Scenario.otherMAC] }
    scenario.asks(
      from: 3, mac: Scenario.otherMAC, for: 10, times: 1, at: [Scenario.parentIn, Scenario.childIn])
    scenario.answers(
      from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, second: 1,
      at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids.isEmpty)
  }
}
