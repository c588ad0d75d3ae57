import TraceModel

/// Hooks come and go one after another. A frame that passes meanwhile is seen at some of them alone, which would look as if
/// it had never been at the others: it is left out, while packets that were on their way when detaching began are kept to
/// their end.
extension [Sighting] {
  /// Leaves out what began before everything was attached. Only what is always recorded: of the rest nobody takes the want
  /// of a sighting for a sign.
  ///
  /// - Parameter begin: nanoseconds of CLOCK_MONOTONIC. The sightings are in time order.
  mutating func begin(at begin: UInt64) {
    let first = firstIndex { $0.time >= begin } ?? endIndex
    guard first > startIndex else { return }
    let onTheirWay = Set(self[..<first].lazy.filter { begin - $0.time <= Trajectory.gap }.map(\.packetID))
    let last = self[first...].firstIndex { $0.time - begin > Trajectory.gap } ?? endIndex
    let kept = self[..<last].enumerated().filter { index, sighting in
      !sighting.reason.isCertain || index >= first && !onTheirWay.contains(sighting.packetID)
    }
    replaceSubrange(..<last, with: kept.map(\.element))
  }

  /// Leaves out what began after detaching had begun.
  ///
  /// - Parameter end: nanoseconds of CLOCK_MONOTONIC. The sightings are in time order.
  mutating func end(at end: UInt64) {
    let last = lastIndex { $0.time <= end }.map { $0 + 1 } ?? startIndex
    guard last < endIndex else { return }
    let begin = self[..<last].lastIndex { end - $0.time > Trajectory.gap }.map { $0 + 1 } ?? startIndex
    let onTheirWay = Set(self[begin..<last].lazy.map(\.packetID))
    let rest = self[last...].filter { $0.time - end <= Trajectory.gap && onTheirWay.contains($0.packetID) }
    replaceSubrange(last..., with: rest)
  }
}
