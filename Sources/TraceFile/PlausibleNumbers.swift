import TraceModel

/// Whether the numbers of an observation can be added up: those of a hostile file may be anything.
enum PlausibleNumbers {
  /// 146 years in nanoseconds, and more frames than any wire carries in that time.
  private static let limit: UInt64 = 1 << 62

  static func holds(_ observation: Observation) -> Bool {
    let window = observation.window
    let times =
      [window.monotonicStart, window.monotonicEnd] + observation.sightings.map(\.time)
      + observation.drops.map(\.time)
      + observation.neighborEvents.map(\.time) + observation.changes.map(\.time)
      + observation.blindHooks.map(\.since)
      + probes(observation).flatMap { [$0.sent, $0.ended ?? 0] }
      + (observation.verification?.strays ?? []).map(\.sent)
    let loss = observation.loss
    let losses =
      [
        loss.sightingsDropped, loss.counterKeysOverflowed, loss.counterBytesOverflowed, loss.ringFull,
        loss.explainingFramesLost, loss.malformedRecords, loss.forgotten, loss.missedRuns, loss.sampledOut,
        loss.unknownHook, loss.changesForgotten,
      ] + loss.overBudget.values
    let folded = observation.foldedCounters
    let strays = (observation.verification?.strays ?? []).map(\.count)
    return window.seconds >= 0 && window.seconds < 1e10 && times.allSatisfy { $0 < limit }
      && sum(losses) != nil && strays.allSatisfy { (0...1 << 20).contains($0) }
      && sum([folded.interfaces, folded.frames, folded.bytes]) != nil
      && sum(observation.counters.lazy.map(\.frames)) != nil
      && sum(observation.counters.lazy.map(\.bytes)) != nil && observation.far.allSatisfy(holds)
  }

  private static func probes(_ observation: Observation) -> [Probe] {
    (observation.probeRun?.probes ?? [])
      + (observation.verification?.exchanges ?? []).flatMap(\.run.probes)
  }

  /// `nil` when it is beyond the limit.
  private static func sum(_ numbers: some Sequence<UInt64>) -> UInt64? {
    var sum: UInt64 = 0
    for number in numbers {
      let (next, isTooLarge) = sum.addingReportingOverflow(number)
      if isTooLarge || next >= limit { return nil }
      sum = next
    }
    return sum
  }
}
