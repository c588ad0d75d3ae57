import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DuplicateIPTests {
  static func scenario(_ second: MACAddress) -> Scenario {
    var scenario = Scenario()
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 99, times: 1, at: [Scenario.childOut, Scenario.parentOut])
    for mac in [Scenario.otherMAC, second] {
      scenario.answers(
        from: 99, mac: mac, to: 10, Scenario.childMAC, second: 1, at: [Scenario.parentIn, Scenario.childIn])
    }
    return scenario
  }

  @Test func isProvenByTwoAnswers() {
    let scenario = Self.scenario(Scenario.mac(0x98))
    #expect(scenario.ids == ["dup-ip"] && scenario.confidences == [.proven])
  }

  @Test func oneThatAnswersTwiceIsNone() { #expect(Self.scenario(Scenario.otherMAC).ids.isEmpty) }
}
