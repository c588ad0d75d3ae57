import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostToChildSourceTests {
  @Test(arguments: Family.allCases) func isProvenFromEitherSide(_ family: Family) {
    HostChildChecks.check(
      .source, family, hostsSide: "host-to-child-source", childsSide: "host-to-child-source")
  }

  /// The look-alike is bridge mode, which a returning port cures: it does not cure this.
  @Test(arguments: Family.allCases) func aPortThatReturnsFramesCuresNothing(_ family: Family) {
    var scenario = Scenario(mode: .source, over: family)
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.parentOut, Scenario.parentIn])
    #expect(scenario.ids == ["host-to-child-source"] && scenario.confidences == [.proven])
  }
}
