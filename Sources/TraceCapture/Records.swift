import CMacvtraceABI
package import TraceModel

/// What was recorded so far.
package struct Records {
  package var sightings: [Sighting] = []
  var drops: [(record: mvt_drop, frame: Frame?)] = []
  var neighborEvents: [NeighborEvent] = []
  var malformed: UInt64 = 0
  /// Records of every kind that had to make room for later ones.
  package private(set) var forgotten: UInt64 = 0
  /// Sightings among those of frames that always explain.
  package private(set) var forgottenExplaining: UInt64 = 0

  package init() {}

  /// Keeps memory bounded over days: of a list that has more than that many entries, the oldest go until three
  /// quarters are left, so that the cost is spread. Sightings of ordinary frames go before those that explain.
  package mutating func forget(keeping retention: Int) {
    if sightings.count > retention {
      let excess = sightings.count - retention * 3 / 4
      var ordinary = min(excess, sightings.count { $0.reason != .explains })
      var explaining = excess - ordinary
      forgotten += UInt64(excess)
      forgottenExplaining += UInt64(explaining)
      sightings = sightings.filter { sighting in
        if sighting.reason == .explains {
          explaining -= 1
          return explaining < 0
        }
        ordinary -= 1
        return ordinary < 0
      }
    }
    Self.trim(&drops, retention, &forgotten)
    Self.trim(&neighborEvents, retention, &forgotten)
  }

  private static func trim<Element>(_ list: inout [Element], _ retention: Int, _ forgotten: inout UInt64) {
    guard list.count > retention else { return }
    let excess = list.count - retention * 3 / 4
    list.removeFirst(excess)
    forgotten += UInt64(excess)
  }
}
