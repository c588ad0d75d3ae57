import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct HostToChildVEPATests {
  @Test(arguments: Family.allCases) func isProvenFromEitherSide(_ family: Family) {
    HostChildChecks.check(.vepa, family, hostsSide: "host-to-child-vepa", childsSide: "host-to-child-vepa")
  }

  @Test(arguments: Family.allCases) func aPortThatReturnsFramesIsHealthy(_ family: Family) {
    #expect(HostChildChecks.reflecting(.vepa, family).ids.isEmpty)
  }

  /// The look-alike: the same frames, the child in another mode.
  @Test func bridgeModeIsAnotherCause() {
    #expect(HostChildChecks.hostToChild(.bridge, .v4).ids == ["host-to-child-bridge"])
  }
}
