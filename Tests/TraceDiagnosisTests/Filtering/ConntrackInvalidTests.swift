import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct ConntrackInvalidTests {
  /// The answer goes by a namespace that saw no request.
  @Test func isProven() {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.connects(
      from: 10, mac: Scenario.childMAC, to: 99, Scenario.otherMAC, port: 80,
      at: [Scenario.childOut, Scenario.parentOut])
    scenario.segments(
      from: 99, mac: Scenario.otherMAC, to: 10, Scenario.siblingMAC, port: 80, flags: 0x12,
      at: [Scenario.parentIn, Scenario.siblingIn])
    scenario.freesLast("NETFILTER_DROP")
    #expect(scenario.ids == ["conntrack-invalid"])
  }
}
