import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct L2ForwardOffloadBypassTests {
  static func received(_ frames: UInt64, atParent: UInt64 = 0) -> Scenario {
    var scenario = Scenario()
    scenario.counts(frames, at: Scenario.childIn, from: Scenario.otherMAC, to: Scenario.childMAC)
    if atParent > 0 {
      scenario.counts(atParent, at: Scenario.parentIn, from: Scenario.otherMAC, to: Scenario.childMAC)
    }
    return scenario
  }

  @Test func whatPassesTheParentByIsANote() {
    let scenario = Self.received(100)
    #expect(scenario.ids == ["l2fwd-offload-bypass"] && scenario.confidences == [.likely])
    #expect(scenario.findings[0].severity == .info)
  }

  /// The look-alikes: the parent saw them; few came before its hook was there; another device is below.
  @Test func otherOnesAreSilent() {
    #expect(Self.received(100, atParent: 100).ids.isEmpty)
    #expect(Self.received(3).ids.isEmpty)
    var virtual = Self.received(100)
    virtual.change(Scenario.parentID) { $0.linkKind = "veth" }
    #expect(virtual.ids.isEmpty)
  }
}
