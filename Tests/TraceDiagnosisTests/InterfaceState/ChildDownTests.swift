import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ChildDownTests {
  static func asked(_ family: Family) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.change(Scenario.childID) { $0.up = false }
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 10, at: [Scenario.parentIn])
    return scenario
  }

  @Test(arguments: Family.allCases) func isProvenOnceItWasAskedFor(_ family: Family) {
    var scenario = Self.asked(family)
    #expect(scenario.ids == ["child-down"] && scenario.confidences == [.proven])
    #expect(scenario.findings.first?.fixes.first?.commands == ["ip netns exec bbox1 ip link set eth0 up"])
    scenario.losesFrames()
    #expect(scenario.confidences == [.likely])
  }

  @Test func nobodyAskedForIt() {
    var scenario = Scenario()
    scenario.change(Scenario.childID) { $0.up = false }
    #expect(scenario.ids.isEmpty)
  }

  @Test func oneThatWentDownMeanwhileIsLikely() {
    var scenario = Self.asked(.v4)
    for index in scenario.observation.before.interfaces.indices {
      scenario.observation.before.interfaces[index].up = true
    }
    #expect(scenario.ids == ["child-down"] && scenario.confidences == [.likely])
  }

  /// The look-alike: the same requests for a child that is up.
  @Test(arguments: Family.allCases) func aChildThatIsUpIsNotThis(_ family: Family) {
    var scenario = Scenario(over: family)
    scenario.asks(from: 3, mac: Scenario.otherMAC, for: 10, at: [Scenario.parentIn, Scenario.childIn])
    #expect(!scenario.ids.contains("child-down"))
  }
}
