import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct PrivateSiblingIsolationTests {
  static func siblings(_ first: ChildMode, _ second: ChildMode, _ family: Family, at hooks: [Hook])
    -> Scenario
  {
    var scenario = Scenario(mode: first, over: family)
    scenario.addSibling(second)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 30, at: hooks)
    return scenario
  }

  static let notReturned = [Scenario.childOut, Scenario.parentOut]
  static let returned = [Scenario.childOut, Scenario.parentOut, Scenario.parentIn]

  @Test(arguments: Family.allCases, [notReturned, returned]) func isProven(_ family: Family, _ hooks: [Hook])
  {
    for (first, second) in [(ChildMode.private, ChildMode.private), (.private, .bridge), (.vepa, .private)] {
      var scenario = Self.siblings(first, second, family, at: hooks)
      #expect(scenario.ids == ["private-sibling-isolation"] && scenario.confidences == [.proven])
      scenario.losesFrames()
      #expect(scenario.confidences == [.likely])
    }
  }

  /// The look-alike: VEPA, which is told by the mode.
  @Test func vepaIsAnotherCause() {
    #expect(
      Self.siblings(.vepa, .vepa, .v4, at: Self.notReturned).ids == ["vepa-no-reflective-relay"])
  }

  @Test(arguments: Family.allCases) func siblingsInBridgeModeAreHealthy(_ family: Family) {
    var scenario = Self.siblings(
      .bridge, .bridge, family, at: [Scenario.childOut, Scenario.parentOut, Scenario.siblingIn])
    scenario.answers(
      from: 30, mac: Scenario.siblingMAC, to: 10, Scenario.childMAC, second: 3,
      at: [Scenario.siblingOut, Scenario.childIn])
    #expect(scenario.ids.isEmpty)
  }
}
