import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct IPv6DADFailedTests {
  static func scenario(isDuplicate: Bool) -> Scenario {
    var scenario = Scenario(over: .v6)
    scenario.addSibling(.bridge)
    scenario.asks(
      from: 30, mac: Scenario.siblingMAC, for: 10, at: [Scenario.siblingOut, Scenario.childIn])
    scenario.state(2) {
      $0.unusableAddresses = [
        UnusableAddress(
          interface: Scenario.childID, address: Family.v6.address(10), isDuplicate: isDuplicate)
      ]
    }
    return scenario
  }

  @Test func isProvenByTheMark() {
    let scenario = Self.scenario(isDuplicate: true)
    #expect(scenario.ids == ["ipv6-dad-failed"] && scenario.confidences == [.proven])
  }

  @Test func oneThatIsStillTriedIsNone() { #expect(Self.scenario(isDuplicate: false).ids.isEmpty) }
}
