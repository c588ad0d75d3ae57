import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct BroadcastQueueOverflowTests {
  static func overflowed(at location: String) -> Scenario {
    var scenario = Scenario()
    scenario.observation.drops.append(
      Drop(
        time: Scenario.second, packetID: nil, namespace: Scenario.host, interface: Scenario.parentID,
        reason: "NOT_SPECIFIED", location: location, frame: nil))
    return scenario
  }

  @Test func isProvenByTheParentsCounter() {
    var scenario = Self.overflowed(at: "macvlan_handle_frame")
    #expect(scenario.ids.isEmpty, "the driver frees for other reasons, too")
    for (path, dropped) in [(\Observation.before, UInt64(3)), (\Observation.after, 4)] {
      var statistics = InterfaceStatistics()
      statistics.receiveDropped = dropped
      scenario.observation[keyPath: path].interfaces[0].statistics = statistics
    }
    #expect(scenario.ids == ["bc-queue-overflow"] && scenario.confidences == [.proven])
  }

  /// The look-alike: a protocol that nobody on this host speaks is counted as dropped, too.
  @Test func anUnknownProtocolIsNotThis() {
    #expect(Self.overflowed(at: "__netif_receive_skb_core").ids.isEmpty)
  }
}
