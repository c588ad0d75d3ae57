import NetworkAddresses
import Testing
import TraceModel

@Suite("Lists that share their sightings") struct SightingListTests {
  static let sightings = (0..<6).map { number in
    Sighting(
      time: UInt64(number), hook: Hook(InterfaceID(namespace: 1, ifindex: 2), .egress), packetID: 1,
      frame: Frame(source: .broadcast, destination: .zero, etherType: 0x0800))
  }

  @Test func aListGoesThroughItsPartOfTheOrder() {
    let store = SightingStore(Self.sightings, order: [5, 3, 1, 0, 2, 4])
    let first = SightingList(store, 0..<2)
    let second = SightingList(store, 2..<6)
    #expect(first.map(\.time) == [5, 3] && second.map(\.time) == [1, 0, 2, 4])
    #expect(second.count == 4 && second.startIndex == 0 && second.endIndex == 4)
    #expect(second.first?.time == 1 && second.last?.time == 4 && second[2].time == 2)
    #expect(second.dropFirst().map(\.time) == [0, 2, 4] && second.reversed().map(\.time) == [4, 2, 0, 1])
    #expect(SightingList(store, 3..<3).isEmpty && SightingList(store, 3..<3).first == nil)
  }

  @Test func listsAreEqualWhereTheirSightingsAre() {
    let shared = SightingList(SightingStore(Self.sightings, order: [4, 0, 1]), 1..<3)
    let own = SightingList([Self.sightings[0], Self.sightings[1]])
    #expect(shared == own && shared.hashValue == own.hashValue)
    #expect(shared != SightingList([Self.sightings[1], Self.sightings[0]]))
    #expect(shared != SightingList([Self.sightings[0]]))
    #expect(SightingList([]).isEmpty && SightingList([]) == SightingList(SightingStore([], order: []), 0..<0))
  }

  @Test("a million sightings fit where the goals for reading them hold") func aSightingIsSmall() {
    #expect(MemoryLayout<Sighting>.stride <= 152)
  }
}
