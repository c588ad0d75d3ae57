import TraceModel

/// How much one host's clock is ahead of another's, from packets that went both ways between them (the method of NTP, RFC
/// 5905, 8: half of the difference of the shortest passages).
struct ClockOffset: Hashable {
  /// The second host's clock less the first's, in nanoseconds.
  let value: Int64
  /// How wrong it can be at most, in nanoseconds: no passage takes less than no time.
  let bound: UInt64

  /// `nil` where no packet went one of the two ways.
  init?(_ first: HostView, _ second: HostView) {
    guard let there = Self.shortest(first, second), let back = Self.shortest(second, first) else {
      return nil
    }
    let (sum, isTooLarge) = there.addingReportingOverflow(back)
    // Both clocks show the same time for the same packet: less than no time means that they are no passages.
    guard !isTooLarge, sum >= 0 else { return nil }
    value = (there - back) / 2
    bound = UInt64(sum) / 2
  }

  /// From the one's parent to the other's, by the clocks as they are.
  private static func shortest(_ from: HostView, _ to: HostView) -> Int64? {
    let arrivals = firsts(to, to.context.parentIn)
    return firsts(from, from.context.parentOut).compactMap { id, time in
      arrivals[id].map { Int64(clamping: $0) - Int64(clamping: time) }
    }.min()
  }

  /// Packets that passed a hook once alone: what is said again word for word has one id.
  private static func firsts(_ host: HostView, _ hook: Hook) -> [UInt64: UInt64] {
    var times: [UInt64: UInt64] = [:]
    var again: Set<UInt64> = []
    for sighting in host.context.observation.sightings where sighting.hook == hook {
      if times.updateValue(sighting.time, forKey: sighting.packetID) != nil {
        again.insert(sighting.packetID)
      }
    }
    return times.filter { !again.contains($0.key) }
  }
}
