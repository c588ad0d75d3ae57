import TestSupport
import Testing
import TraceLab
import TraceModel

/// Every way in which routing between VLANs fails, one after the other in one lab.
@Suite(.serialized, .needs(.vlan && .bridgeVLANs)) struct VerifyScenarioTests {
  private static func expect(_ scenarios: [VerifyScenario]) throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      for scenario in scenarios { try scenario.expect(lab) }
    }
  }

  @Test func routing() throws { try Self.expect(VerifyScenario.routing) }
  @Test func trunks() throws { try Self.expect(VerifyScenario.trunks) }
  @Test func router() throws { try Self.expect(VerifyScenario.router) }
}
