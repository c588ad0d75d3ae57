import TraceModel

extension [Sighting] {
  /// Leaves out what began after detaching had begun, as such a frame is seen at some hooks and not at others. Packets that
  /// were on their way then are kept to their end.
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
