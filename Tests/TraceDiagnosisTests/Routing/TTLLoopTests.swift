import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct TTLLoopTests {
  @Test func isProvenByThePacketItself() {
    var scenario = Scenario()
    scenario.pings(
      from: 10, mac: Scenario.childMAC, to: 99, Scenario.otherMAC, times: 1,
      at: [Scenario.childOut] + Array(repeating: Scenario.parentOut, count: 6))
    #expect(scenario.ids == ["no-reply-from-wire"], "seen often, and not older")
    for index in scenario.observation.sightings.indices {
      guard var ip = scenario.observation.sightings[index].frame.ip else { continue }
      ip.ttl -= UInt8(index)
      scenario.observation.sightings[index].frame.network = .ip(ip)
    }
    #expect(scenario.ids == ["ttl-loop"] && scenario.confidences == [.proven])
  }
}
