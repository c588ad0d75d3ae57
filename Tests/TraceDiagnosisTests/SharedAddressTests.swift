import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

/// ipvlan children have their parent's MAC address: who asks is told by the IP address.
@Suite struct SharedAddressTests {
  private static func scenario(_ mode: ChildMode) -> Scenario {
    var scenario = Scenario(mode: mode)
    scenario.change(Scenario.childID) {
      $0.kind = .ipvlan
      $0.mac = Scenario.parentMAC
    }
    return scenario
  }

  private static func askers(_ scenario: Scenario) throws -> [Attempt.Asker] {
    try #require(DiagnosisContext(scenario.observation)).failures.map(\.asker)
  }

  @Test func aRequestAtTheParentAloneIsItsChildsByAddress() throws {
    var scenario = Self.scenario(.l3)
    scenario.asks(from: 10, mac: Scenario.parentMAC, for: 99, at: [Scenario.parentOut])
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 99, at: [Scenario.parentOut])
    #expect(Set(try Self.askers(scenario)) == [.child(Scenario.childID), .host(Scenario.parentID)])
  }

  /// In mode l3s the IP layer hands over what comes in, above the child's hooks.
  @Test func anAnswerAtTheParentIsHeardInModeL3SAlone() throws {
    for mode in [ChildMode.l2, .l3s] {
      var scenario = Self.scenario(mode)
      scenario.pings(
        from: 10, mac: Scenario.parentMAC, to: 3, Scenario.otherMAC,
        at: [Scenario.childOut, Scenario.parentOut])
      for second in 1...3 {
        scenario.echoes(
          from: 3, mac: Scenario.otherMAC, to: 10, Scenario.parentMAC, second: second, at: [Scenario.parentIn]
        )
      }
      #expect(try Self.askers(scenario).isEmpty == (mode == .l3s))
    }
  }
}
