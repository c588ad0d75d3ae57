import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct NICUnicastFilterFullTests {
  /// A card that takes every frame filters none.
  @Test func aPromiscuousParentRulesTheCardOut() {
    var scenario = RefusedAddressTests.refused()
    scenario.observation.hardware = RefusedAddressTests.hardware("e1000e")
    RefusedAddressTests.asked(1, &scenario)
    #expect(scenario.ids == ["nic-uc-filter-full"])
    scenario.change(Scenario.parentID) { $0.promiscuity = 1 }
    #expect(scenario.ids == ["neighbor-unanswered"])
  }
}
