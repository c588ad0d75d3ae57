import Testing
import TraceModel

@testable import TraceDiagnosis

/// The host and its child on a VLAN sub-interface of the parent.
@Suite struct VLANIsolationTests {
  private static func scenario(_ family: Family, _ mode: ChildMode = .bridge) -> Scenario {
    var scenario = Scenario(mode: mode, over: family)
    scenario.moveToVLAN()
    return scenario
  }

  @Test(arguments: Family.allCases) func theHostsSideIsProvenAndCuredOnTheSubinterface(_ family: Family)
    throws
  {
    var scenario = Self.scenario(family)
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.vlanOut, Scenario.parentOut])
    #expect(scenario.ids == ["host-to-child-bridge"])
    #expect(scenario.confidences == [.proven])
    let finding = try #require(scenario.findings.first)
    #expect(finding.path.map(\.place).contains("ens33.10"))
    #expect(
      finding.fixes[0].commands[0] == "ip link add macvtrace-shim link ens33.10 type macvlan mode bridge")
  }

  @Test(arguments: Family.allCases) func theChildsSideIsProven(_ family: Family) {
    var scenario = Self.scenario(family)
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 2,
      at: [Scenario.childOut, Scenario.vlanOut, Scenario.parentOut])
    #expect(scenario.ids == ["child-to-host-bridge"])
    #expect(scenario.confidences == [.proven])
  }

  /// A VLAN's own passthru child takes the VLAN's frames, not the parent's.
  @Test func passthruIsOfTheVLANAlone() {
    var scenario = Self.scenario(.v4, .passthru)
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 10, at: [Scenario.vlanOut, Scenario.parentOut])
    #expect(scenario.ids == ["host-to-child-passthru"])
  }

  @Test(arguments: Family.allCases) func anAnswerFromTheWireIsHeardAtTheSubinterface(_ family: Family) {
    var scenario = Self.scenario(family)
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 3, at: [Scenario.vlanOut, Scenario.parentOut])
    for second in 1...3 {
      scenario.answers(
        from: 3, mac: Scenario.otherMAC, to: 2, Scenario.parentMAC, second: second,
        at: [Scenario.parentIn, Scenario.vlanIn])
    }
    #expect(scenario.ids.isEmpty)
  }

  @Test(arguments: Family.allCases) func nobodyAnswersInTheVLAN(_ family: Family) {
    var scenario = Self.scenario(family)
    scenario.segmentIsAlive()
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 99, at: [Scenario.vlanOut, Scenario.parentOut])
    #expect(scenario.ids == ["neighbor-unanswered"])
  }

  /// What the router of another VLAN answers is no isolation: the host's other addresses are reached through it.
  @Test func anotherAddressOfTheHostIsNotItsChildsLower() {
    var scenario = Self.scenario(.v4)
    scenario.observation.after.namespaces[0].localAddresses.append(Family.v4.address(77))
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 77,
      at: [Scenario.childOut, Scenario.vlanOut, Scenario.parentOut])
    #expect(!scenario.ids.contains("child-to-host-bridge"))
  }
}
