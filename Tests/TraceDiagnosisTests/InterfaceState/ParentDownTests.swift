import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ParentDownTests {
  static func broken(_ family: Family) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.change(Scenario.parentID) { $0.up = false }
    return scenario
  }

  @Test(arguments: Family.allCases) func isProvenByAFrameThatNeverLeft(_ family: Family) {
    var scenario = Self.broken(family)
    #expect(scenario.ids == ["parent-down"] && scenario.confidences == [.likely])
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, at: [Scenario.childOut])
    #expect(scenario.ids == ["parent-down"] && scenario.confidences == [.proven])
  }

  @Test func isProvenByADropAtTheChild() {
    var scenario = Self.broken(.v4)
    scenario.drops(at: Scenario.childID, "QDISC_DROP")
    #expect(scenario.ids == ["parent-down"] && scenario.confidences == [.proven])
  }

  /// The look-alike.
  @Test func theOtherStateIsAnotherCause() {
    var scenario = Scenario()
    scenario.change(Scenario.parentID) { $0.carrier = false }
    #expect(scenario.ids == ["parent-no-carrier"])
  }

  @Test func childrenThatAreDownMissNothing() {
    var scenario = Self.broken(.v4)
    scenario.change(Scenario.childID) { $0.up = false }
    #expect(scenario.ids.isEmpty)
  }
}
