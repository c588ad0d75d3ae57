import Testing
import TraceModel

@testable import TraceCapture

@Suite("Which of many interfaces are attached by links") struct FrameHooksTests {
  /// Interfaces, numbered from 1, that received and sent so many frames; `nil`: their counters were not read.
  private static func busiest(_ carried: [(received: UInt64, sent: UInt64)?], atMost count: Int = .max)
    -> [UInt32]
  {
    let interfaces = carried.enumerated().map { index, frames in
      var interface = Interface(
        id: InterfaceID(namespace: 1, ifindex: UInt32(index + 1)), name: "eth0", namespace: "box",
        kind: .macvlan)
      if let frames {
        var statistics = InterfaceStatistics()
        (statistics.receivedFrames, statistics.sentFrames) = frames
        interface.statistics = statistics
      }
      return interface
    }
    return FrameHooks.busiest(of: interfaces, atMost: count).map(\.ifindex)
  }

  @Test("one or two, by what they carried in both directions, the busiest first")
  func order() {
    #expect(Self.busiest([(30_000, 0), (20_000, 30_000), nil, (0, 40_000)]) == [2, 4])
    #expect(Self.busiest([(1000, 1000), (500_000, 400_000), (30_000, 40_000)]) == [2])
  }

  @Test("nobody where the traffic is little, or spread over all")
  func none() {
    #expect(Self.busiest([]) == [])
    #expect(Self.busiest([(4000, 5000), nil, (1, 1)]) == [])
    #expect(Self.busiest((0..<30).map { _ in (50_000, 50_000) }) == [])
  }

  @Test("as many as the time allows")
  func affordable() {
    #expect(Self.busiest([(30_000, 0), (40_000, 0)], atMost: 1) == [2])
    #expect(Self.busiest([(30_000, 0), (40_000, 0)], atMost: 0) == [])
  }

  @Test("counters at their end do no harm")
  func overflow() {
    #expect(Self.busiest([(.max, .max), (.max, 0)]).count <= 2)
  }
}
