import CMacvtraceABI
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceCapture

@Suite("Records in memory") struct RecordsTests {
  static func sighting(_ time: UInt64, _ reason: SelectionReason) -> Sighting {
    let frame = Frame(source: .broadcast, destination: .broadcast, etherType: 0x0800)
    return Sighting(
      time: time, hook: Hook(InterfaceID(namespace: 1, ifindex: 2), .ingress), packetID: time, reason: reason,
      frame: frame)
  }

  /// What is left of sightings that come in that order.
  static func records(keeping retention: Int, _ sightings: some Sequence<Sighting>) -> Records {
    var records = Records(retention: retention)
    for sighting in sightings { records.append(sighting) }
    return records
  }

  @Test func ordinaryFramesGoBeforeThoseThatExplain() {
    // One in four explains.
    let records = Self.records(
      keeping: 100, (0..<126).lazy.map { Self.sighting($0, $0 % 4 == 0 ? .explains : .sampled) })
    #expect(records.sightings.count == 100 && records.forgotten == 26 && records.forgottenExplaining == 0)
    #expect(records.sightings.count { $0.reason == .explains } == 32)
    // The oldest of them, and what is left in its order: 26 ordinary ones are those up to 34.
    #expect(records.sightings.first { $0.reason == .sampled }?.time == 35)
    #expect(records.sightings.map(\.time) == records.sightings.map(\.time).sorted())
  }

  @Test func framesThatExplainAreSaidWhenTheyGo() {
    let records = Self.records(
      keeping: 100, (0..<200).lazy.map { Self.sighting($0, $0 < 20 ? .conversation : .explains) })
    // The ordinary ones are less than a quarter, so they stay.
    #expect(records.sightings.map(\.time) == Array(0..<20) + Array(120..<200))
    #expect(records.forgotten == 100 && records.forgottenExplaining == 100)
  }

  @Test func nothingGoesWhileThereIsRoom() {
    let records = Self.records(keeping: 100, (0..<100).lazy.map { Self.sighting($0, .explains) })
    #expect(records.sightings.count == 100 && records.forgotten == 0)
  }

  @Test func aFloodOfFramesThatExplainLeavesOrdinaryOnesAQuarter() {
    // Ordinary ones alone, a flood of those that explain, then one ordinary one in ten.
    let ordinary = (0..<300).map { Self.sighting($0, .sampled) }
    let flood = (300..<1300).map { Self.sighting($0, .explains) }
    let mixed = (1300..<2300).map { Self.sighting($0, $0 % 10 == 0 ? .conversation : .explains) }
    let after = Self.records(keeping: 100, ordinary + flood)
    #expect(after.sightings.map(\.time) == Array(275..<300) + Array(1225..<1300))
    #expect(after.forgotten == 1200 && after.forgottenExplaining == 925)

    let last = Self.records(keeping: 100, ordinary + flood + mixed)
    #expect(
      last.sightings.filter { $0.reason != .explains }.map(\.time)
        == Array(stride(from: 2050, to: 2300, by: 10)))
    #expect(
      last.sightings.filter { $0.reason == .explains } == mixed.filter { $0.reason == .explains }.suffix(75))
    #expect(last.forgotten == 2200 && last.forgottenExplaining == 1900 - 75)
  }

  @Test("what is kept is the latest of its kind, and what is not is counted")
  func latest() {
    var generator = SystemRandomNumberGenerator()
    for retention in [0, 1, 3, 4, 50, 64] {
      var all: [Sighting] = []
      var records = Records(retention: retention)
      // Spells of each kind, so that each makes room for the other.
      var explains = false
      for time in 0..<1000 as Range<UInt64> {
        if UInt8.random(in: 0..<20, using: &generator) == 0 { explains.toggle() }
        all.append(Self.sighting(time, explains ? .explains : .connection))
        records.append(Self.sighting(time, explains ? .explains : .connection))

        let kept = records.sightings
        let explaining = kept.filter { $0.reason == .explains }
        let ordinary = kept.filter { $0.reason != .explains }
        let came = (
          explaining: all.filter { $0.reason == .explains }, ordinary: all.filter { $0.reason != .explains }
        )
        #expect(kept.count == min(all.count, retention))
        #expect(explaining == came.explaining.suffix(explaining.count))
        #expect(ordinary == came.ordinary.suffix(ordinary.count))
        #expect(ordinary.count >= min(came.ordinary.count, retention / 4))
        #expect(records.forgotten == UInt64(all.count - kept.count))
        #expect(records.forgottenExplaining == UInt64(came.explaining.count - explaining.count))
      }
    }
  }

  @Test func sightingsAreInTimeOrderHoweverTheyCame() {
    let times: [UInt64] = [5, 3, 9, 1, 8, 2, 7, 7, 4, 6]
    let records = Self.records(
      keeping: 100,
      times.enumerated().lazy.map { Self.sighting($1, $0 % 3 == 0 ? .explains : .sampled) })
    #expect(records.sightings.map(\.time) == [1, 2, 3, 4, 5, 6, 7, 7, 8, 9])
  }

  @Test func neighborEventsAndDropsAreBoundedToo() {
    var records = Records(retention: 10)
    for time in 0..<25 as Range<UInt64> {
      records.append(
        NeighborEvent(
          time: time, interface: InterfaceID(namespace: 1, ifindex: 2), address: .v4(1), mac: nil,
          state: .failed)
      )
    }
    #expect(records.neighborEvents.map(\.time) == Array(15..<25) && records.forgotten == 15)
    for location in 0..<12 as Range<UInt64> {
      var drop = mvt_drop()
      drop.location = location
      records.append(drop)
    }
    #expect(records.drops.map(\.location) == Array(2..<12) && records.forgotten == 17)
  }
}
