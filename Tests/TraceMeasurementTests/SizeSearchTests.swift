import Testing
import TraceMeasurement
import TraceModel

/// A way that takes packets of at most so many octets, asked as a probe does.
@Suite struct SizeSearchTests {
  private static let millisecond: UInt64 = 1_000_000

  /// Asks until nothing more is to be learned.
  private func search(_ way: Int, isSmallestKnown: Bool = true, says: Bool = false) -> (
    probes: [Probe], end: UInt64
  ) {
    let search = SizeSearch(from: 43, to: 1500, isSmallestKnown: isSmallestKnown)
    var probes: [Probe] = []
    var now: UInt64 = 0
    for _ in 0..<1000 {
      switch search.next(probes, now: now) {
      case .send(let sizes):
        for size in sizes {
          let passes = size <= way
          let outcome: ProbeOutcome = passes ? .answered : says ? .tooBig(mtu: UInt32(way)) : .silence
          probes.append(
            Probe(
              sent: now, size: size, ended: outcome == .silence ? nil : now + Self.millisecond,
              outcome: outcome))
        }
        now += Self.millisecond
      case .wait(let until): now = until
      case .done: return (probes, now)
      }
    }
    Issue.record("it does not end")
    return (probes, now)
  }

  @Test(arguments: [43, 44, 576, 1280, 1400, 1496, 1499]) func theLargestThatPassesIsFoundExactly(_ way: Int)
  {
    let found = search(way)
    let bounds = SizeSearch.bounds(found.probes, from: 43, to: 1500)
    #expect(bounds.passes == way && bounds.vanishes == way + 1)
    #expect(found.end < 2000 * Self.millisecond)
  }

  @Test func aWayThatTakesAllIsAskedOnce() {
    let found = search(1500)
    #expect(found.probes.map(\.size) == [1500] && found.end < 10 * Self.millisecond)
  }

  @Test func whoIsToldWhatFitsAsksNoMore() { #expect(search(1400, says: true).probes.count == 1) }

  @Test func aTargetThatAnswersNoEchoRequestsIsLeftAlone() {
    let found = search(0, isSmallestKnown: false)
    #expect(found.probes.map(\.size) == [43])
  }

  @Test func theSmallestIsTriedFirstWhereItIsNotKnown() {
    #expect(search(1500, isSmallestKnown: false).probes.map(\.size) == [43, 1500])
    #expect(SizeSearch.bounds(search(1400, isSmallestKnown: false).probes, from: 43, to: 1500).passes == 1400)
  }
}
