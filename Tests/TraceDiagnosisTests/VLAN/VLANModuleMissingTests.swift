import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct VLANModuleMissingTests {
  /// Somebody asks for the child with a VLAN's tag.
  static func tagged(takesVLANs: Bool?, at hooks: [Hook] = [Scenario.parentIn]) -> Scenario {
    var scenario = Scenario()
    scenario.sees(
      .arp(
        ARPFields(
          operation: 1, senderMAC: Scenario.otherMAC, senderAddress: Family.v4.address(3), targetMAC: .zero,
          targetAddress: Family.v4.address(10))), Scenario.otherMAC, .broadcast,
      tag: VLANTag(controlInformation: 30), seconds: 1...3, at: hooks)
    scenario.state(of: Scenario.host) { $0.takesVLANs = takesVLANs }
    return scenario
  }

  @Test func isProven() {
    #expect(Self.tagged(takesVLANs: false).ids == ["8021q-missing"])
    #expect(Self.tagged(takesVLANs: false).confidences == [.proven])
    #expect(
      Self.tagged(takesVLANs: false, at: [Scenario.parentIn, Scenario.childIn]).ids == ["8021q-missing"])
  }

  /// The look-alike: a kernel that could take them has no sub-interface for them.
  @Test(arguments: [true, nil]) func anUnknownVLANIsNotThis(_ takes: Bool?) {
    #expect(Self.tagged(takesVLANs: takes).ids == ["unknown-vid"])
  }
}
