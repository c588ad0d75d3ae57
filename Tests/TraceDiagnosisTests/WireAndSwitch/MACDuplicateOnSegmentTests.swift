import Testing
import TraceModel

@testable import TraceDiagnosis

/// Frames under a child's MAC address that come in from the wire.
@Suite struct MACDuplicateOnSegmentTests {
  /// The child is seen sending in that second, its address comes in in seconds 3 and 4.
  private static func network(childSendsIn second: Int) -> Scenario {
    var scenario = Scenario()
    scenario.segmentIsAlive()
    scenario.asks(from: 2, mac: Scenario.parentMAC, for: 3, second: 1, times: 1, at: [Scenario.parentOut])
    scenario.asks(
      from: 10, mac: Scenario.childMAC, for: 4, second: second, times: 1,
      at: [Scenario.childOut, Scenario.parentOut])
    scenario.asks(from: 10, mac: Scenario.childMAC, for: 3, second: 3, times: 2, at: [Scenario.parentIn])
    scenario.observation.sightings.sort { $0.time < $1.time }
    return scenario
  }

  @Test func whatNeverLeftIsSomebodyElses() {
    #expect(Self.network(childSendsIn: 2).findings.contains { $0.id == "mac-dup-on-segment" })
  }

  /// macvlan hands what one child sends to another to the parent as if it came in; the child's own hook is attached last.
  @Test func whatCameInBeforeTheChildWasSeenSendingIsNoProof() {
    #expect(!Self.network(childSendsIn: 5).findings.contains { $0.id == "mac-dup-on-segment" })
  }

  /// What left before the hooks were attached may still be on its way back from a switch that returns frames.
  @Test(arguments: [(10_000_000, false), (60_000_000, true)] as [(UInt64, Bool)])
  func whatCameInSoonAfterTheFirstWasSeenLeavingIsNoProof(_ delay: UInt64, _ isProof: Bool) throws {
    var scenario = Self.network(childSendsIn: 2)
    let came = try #require(
      scenario.observation.sightings.first {
        $0.hook == Scenario.parentIn && $0.frame.source == Scenario.childMAC
      })
    for index in scenario.observation.sightings.indices
    where scenario.observation.sightings[index].frame.source == Scenario.childMAC
      && scenario.observation.sightings[index].hook.direction == .egress
    {
      scenario.observation.sightings[index].time = came.time - delay
    }
    scenario.observation.sightings.sort { $0.time < $1.time }
    #expect(scenario.findings.contains { $0.id == "mac-dup-on-segment" } == isProof)
  }
}
