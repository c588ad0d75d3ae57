import CMacvtraceABI
import DequeModule
package import TraceModel

/// What was recorded so far, within bounds: what comes later takes the place of the oldest.
package struct Records {
  /// The most sightings, and the most entries of each other list.
  private let retention: Int
  /// Sightings of frames that always explain, and those of ordinary frames, which go first.
  private var explaining: Deque<Sighting>
  private var ordinary: Deque<Sighting>
  private(set) var drops: Deque<mvt_drop>
  private(set) var neighborEvents: Deque<NeighborEvent> = []
  /// Records that could not be decoded.
  var malformed: UInt64 = 0
  /// Records of every kind that had to make room for later ones.
  package private(set) var forgotten: UInt64 = 0
  /// Sightings among those of frames that always explain.
  package private(set) var forgottenExplaining: UInt64 = 0

  /// - Parameter retention: the most sightings, and the most entries of each other list.
  package init(retention: Int) {
    self.retention = retention
    // Room that nothing is written to takes no memory, and a list that grows would move what it holds. There are most of
    // these two, in the long run.
    explaining = []
    ordinary = Deque(minimumCapacity: retention + 1)
    drops = Deque(minimumCapacity: retention + 1)
  }

  /// The sightings that are kept, in time order.
  package var sightings: [Sighting] {
    let count = explaining.count + ordinary.count
    var merged = [Sighting](unsafeUninitializedCapacity: count) { buffer, initialized in
      HugePages.advise(UnsafeMutableRawBufferPointer(buffer))
      var next = ordinary.startIndex
      for sighting in explaining {
        while next < ordinary.endIndex, ordinary[next].time <= sighting.time {
          buffer.initializeElement(at: initialized, to: ordinary[next])
          (next, initialized) = (next + 1, initialized + 1)
        }
        buffer.initializeElement(at: initialized, to: sighting)
        initialized += 1
      }
      for sighting in ordinary[next...] {
        buffer.initializeElement(at: initialized, to: sighting)
        initialized += 1
      }
    }
    // Almost in order: what several CPUs record at a time is not.
    merged.sort { $0.time < $1.time }
    return merged
  }

  /// Keeps a sighting. One of an ordinary frame makes room, as long as these have more than a quarter of it.
  package mutating func append(_ sighting: Sighting) {
    if sighting.reason == .explains { explaining.append(sighting) } else { ordinary.append(sighting) }
    guard explaining.count + ordinary.count > retention else { return }
    forgotten += 1
    if ordinary.count > retention / 4 {
      ordinary.removeFirst()
    } else {
      explaining.removeFirst()
      forgottenExplaining += 1
    }
  }

  mutating func append(_ drop: mvt_drop) {
    drops.append(drop)
    guard drops.count > retention else { return }
    drops.removeFirst()
    forgotten += 1
  }

  mutating func append(_ event: NeighborEvent) {
    neighborEvents.append(event)
    guard neighborEvents.count > retention else { return }
    neighborEvents.removeFirst()
    forgotten += 1
  }
}
