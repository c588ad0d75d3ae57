import Testing
import TraceMeasurement
import TraceModel

/// When probes are sent, and when nothing more will be known.
@Suite struct ProbeScheduleTests {
  private static let begin: UInt64 = 1_000_000_000
  private static let millisecond: UInt64 = 1_000_000

  /// Three probes that ended, or not, so many milliseconds after the first was due.
  private static func probes(_ outcome: ProbeOutcome, endedAfter milliseconds: UInt64?) -> [Probe] {
    (0..<3).map { number in
      Probe(
        sent: begin + number * 200 * millisecond, ended: milliseconds.map { begin + $0 * millisecond },
        outcome: outcome)
    }
  }

  private static func step(_ probes: [Probe], after milliseconds: UInt64) -> ProbeSchedule.Step? {
    ProbeSchedule(begin: begin).next(probes, now: begin + milliseconds * millisecond)
  }

  /// The kernel had asked for the neighbor before anybody watched: it is made to ask again.
  @Test(arguments: [
    ProbeOutcome.undeliverable(type: 3, code: 1), .undeliverable(type: 1, code: 3), .failed("EHOSTUNREACH"),
  ]) func aNeighborThatIsGivenUpTooSoonIsAskedForAgain(_ outcome: ProbeOutcome) {
    let early = Self.probes(outcome, endedAfter: 700)
    #expect(Self.step(early, after: 701) == .send)
    let again = early + [Probe(sent: Self.begin + 701 * Self.millisecond)]
    // Once, and then it is waited for as long as the kernel asks.
    for time in [UInt64(702), 1500, 3500, 4000] {
      guard case .hear = Self.step(again, after: time) else {
        Issue.record("\(time) ms: \(String(describing: Self.step(again, after: time)))")
        continue
      }
    }
    #expect(Self.step(again, after: 4102) == nil)
  }

  /// It was watched from the first question on.
  @Test func aNeighborThatIsGivenUpInTimeIsNotAskedForAgain() {
    let late = Self.probes(.undeliverable(type: 3, code: 1), endedAfter: 3050)
    #expect(Self.step(late, after: 3200) == nil)
  }

  @Test func otherOutcomesEndItWhenTheirAnswersWereRecorded() {
    #expect(Self.step(Self.probes(.answered, endedAfter: 450), after: 560) == nil)
    #expect(Self.step(Self.probes(.refused, endedAfter: 450), after: 1201) == nil)
    #expect(Self.step(Self.probes(.silence, endedAfter: nil), after: 3401) == nil)
  }
}
