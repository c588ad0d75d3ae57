import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct QdiscDropTests {
  static func queued() -> Scenario {
    var scenario = Scenario()
    scenario.pings(from: 10, mac: Scenario.childMAC, to: 3, Scenario.otherMAC, at: [Scenario.childOut])
    scenario.freesLast("QDISC_DROP", at: "__dev_queue_xmit")
    return scenario
  }

  @Test func isProven() {
    let scenario = Self.queued()
    #expect(scenario.ids == ["qdisc-drop"] && scenario.confidences == [.proven])
    #expect(
      scenario.findings.first?.fixes.first?.commands == ["ip netns exec bbox1 tc qdisc del dev eth0 root"])
  }

  /// The look-alike: without a carrier below, every queue drops.
  @Test func aParentThatIsDownIsNotThis() {
    var scenario = Self.queued()
    scenario.change(Scenario.parentID) { $0.up = false }
    #expect(scenario.ids == ["parent-down"])
  }
}
