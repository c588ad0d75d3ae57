import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostToChildPrivateTests {
  @Test(arguments: Family.allCases) func isProvenFromEitherSide(_ family: Family) {
    HostChildChecks.check(
      .private, family, hostsSide: "host-to-child-private", childsSide: "host-to-child-private")
  }

  @Test(arguments: Family.allCases) func aPortThatReturnsFramesIsHealthy(_ family: Family) {
    #expect(HostChildChecks.reflecting(.private, family).ids.isEmpty)
  }

  /// The driver gives what a private child broadcast back to it alone when a switch returns it.
  @Test(arguments: Family.allCases) func aReturnedRequestOfTheChildStaysUnheard(_ family: Family) {
    var scenario = Scenario(mode: .private, over: family)
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 2,
      at: [Scenario.childOut, Scenario.parentOut, Scenario.parentIn])
    #expect(scenario.ids == ["host-to-child-private"] && scenario.confidences == [.proven])
  }

  /// The look-alike: it is a sibling that is not reached.
  @Test func anUnreachedSiblingIsAnotherCause() {
    var scenario = Scenario(mode: .private)
    scenario.addSibling(.private)
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 30, at: [Scenario.childOut, Scenario.parentOut])
    #expect(scenario.ids == ["private-sibling-isolation"])
  }
}
