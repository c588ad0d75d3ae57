import NetworkAddresses
import Testing
import TraceCapture
import TraceModel

@Suite("Records in memory") struct RecordsTests {
  static func sighting(_ time: UInt64, _ reason: SelectionReason) -> Sighting {
    let frame = Frame(source: .broadcast, destination: .broadcast, etherType: 0x0800)
    return Sighting(
      time: time, hook: Hook(InterfaceID(namespace: 1, ifindex: 2), .ingress), packetID: time, reason: reason,
      frame: frame)
  }

  @Test func ordinaryFramesGoBeforeThoseThatExplain() {
    var records = Records()
    // One in four explains.
    records.sightings = (0..<101).map { Self.sighting($0, $0 % 4 == 0 ? .explains : .sampled) }
    records.forget(keeping: 100)
    #expect(records.sightings.count == 75 && records.forgotten == 26 && records.forgottenExplaining == 0)
    #expect(records.sightings.count { $0.reason == .explains } == 26)
    // The oldest of them, and what is left in its order.
    #expect(records.sightings.first { $0.reason == .sampled }?.time == 35)
    #expect(records.sightings.map(\.time) == records.sightings.map(\.time).sorted())
  }

  @Test func framesThatExplainAreSaidWhenTheyGo() {
    var records = Records()
    records.sightings = (0..<200).map { Self.sighting($0, $0 < 20 ? .conversation : .explains) }
    records.forget(keeping: 100)
    #expect(records.sightings.map(\.time) == Array(125..<200))
    #expect(records.forgotten == 125 && records.forgottenExplaining == 105)
  }

  @Test func nothingGoesWhileThereIsRoom() {
    var records = Records()
    records.sightings = (0..<100).map { Self.sighting($0, .explains) }
    records.forget(keeping: 100)
    #expect(records.sightings.count == 100 && records.forgotten == 0)
  }
}
