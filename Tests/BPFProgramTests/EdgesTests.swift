import NetworkAddresses
import Testing
import TraceModel

@testable import TraceCapture

@Suite("The begin and the end of a capture") struct EdgesTests {
  private static let hook = Hook(InterfaceID(namespace: 1, ifindex: 2), .ingress)

  private static func sightings(_ seen: [(time: UInt64, id: UInt64)]) -> [Sighting] {
    seen.map {
      Sighting(
        time: $0.time, hook: hook, packetID: $0.id,
        frame: Frame(source: .zero, destination: .broadcast, etherType: 0x0806))
    }
  }

  @Test("what begins later is left out, what was on its way is kept to its end")
  func cut() {
    // 1 is long gone and comes again word for word, 2 and 3 are on their way, 4 begins later, 2 comes again.
    var seen = Self.sightings([
      (1_000_000, 1), (90_000_000, 2), (99_000_000, 3), (100_000_000, 2), (101_000_000, 4), (102_000_000, 3),
      (103_000_000, 1), (104_000_000, 4), (151_000_000, 2),
    ])
    seen.end(at: 100_000_000)
    #expect(seen.map(\.packetID) == [1, 2, 3, 2, 3])
    #expect(seen.map(\.time) == [1_000_000, 90_000_000, 99_000_000, 100_000_000, 102_000_000])
  }

  @Test("what began earlier is left out to its end, where every such frame is recorded")
  func cutBefore() {
    // 1 is long gone and comes again word for word, 2 is on its way, 3 begins later; 4 is one of a conversation.
    var seen = Self.sightings([
      (1_000_000, 1), (90_000_000, 2), (99_000_000, 4), (101_000_000, 2), (102_000_000, 3), (103_000_000, 1),
      (104_000_000, 4), (151_000_000, 2), (152_000_000, 4),
    ])
    for index in seen.indices where seen[index].packetID == 4 { seen[index].reason = .conversation }
    seen.begin(at: 100_000_000)
    #expect(seen.map(\.packetID) == [4, 3, 1, 4, 2, 4])
    #expect(
      seen.map(\.time) == [99_000_000, 102_000_000, 103_000_000, 104_000_000, 151_000_000, 152_000_000])
    seen.begin(at: 200_000_000)
    #expect(seen.map(\.packetID) == [4, 4, 4])
  }

  @Test("nothing later, nothing earlier, nothing at all")
  func borders() {
    var seen = Self.sightings([(5, 1), (6, 2)])
    seen.begin(at: 5)
    #expect(seen.count == 2)
    seen.end(at: 6)
    #expect(seen.count == 2)
    seen.end(at: 4)
    #expect(seen.isEmpty)
    seen.end(at: 4)
    seen.begin(at: 4)
    #expect(seen.isEmpty)
  }
}
