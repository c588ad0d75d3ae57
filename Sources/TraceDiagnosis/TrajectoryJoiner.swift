public import TraceModel

/// Joins the sightings and drops of one packet, in time order (trajectory sampling).
public enum TrajectoryJoiner {
  /// A sighting, or a drop of a known packet. What is looked at more than once stands side by side here: a sighting itself
  /// takes three cache lines.
  private struct Event {
    /// CLOCK_MONOTONIC, in nanoseconds.
    let time: UInt64
    let packetID: UInt64
    /// Of a sighting its place, of a drop its place behind all sightings.
    let place: Int32
    /// The trajectory that it is of.
    var owner: Int32 = 0
  }

  /// The trajectories of an observation in the order of their first sightings. They share the sightings, which are visited
  /// once before one sort, which costs little as records come almost in order.
  public static func join(_ sightings: [Sighting], _ drops: [Drop]) -> [Trajectory] {
    let count = sightings.count
    var events: [Event] = []
    events.reserveCapacity(count + drops.count)
    for place in sightings.indices {
      events.append(
        Event(time: sightings[place].time, packetID: sightings[place].packetID, place: Int32(place)))
    }
    for (place, drop) in drops.enumerated() {
      guard let id = drop.packetID else { continue }
      events.append(Event(time: drop.time, packetID: id, place: Int32(count + place)))
    }
    events.sort { ($0.time, $0.place) < ($1.time, $1.place) }

    // The last trajectory of its packet, where that is not too long ago.
    var packets = Packets(capacity: events.count)
    for index in events.indices {
      let number = packets.trajectory(of: events[index].packetID, at: events[index].time)
      events[index].owner = Int32(number)
      if Int(events[index].place) < count { packets.extents[number].sightings += 1 }
    }

    // The sightings of one trajectory after those of another.
    var start: Int32 = 0
    for number in packets.extents.indices {
      packets.extents[number].next = start
      start += packets.extents[number].sightings
    }
    var order = [Int32](repeating: 0, count: count)
    for event in events where Int(event.place) < count {
      let number = Int(event.owner)
      order[Int(packets.extents[number].next)] = event.place
      packets.extents[number].next += 1
    }
    let store = SightingStore(sightings, order: order)
    var trajectories = packets.extents.map { extent in
      Trajectory(
        packetID: extent.packetID,
        sightings: SightingList(store, Int(extent.next - extent.sightings)..<Int(extent.next)))
    }
    for event in events where Int(event.place) >= count {
      trajectories[Int(event.owner)].drops.append(drops[Int(event.place) - count])
    }
    return trajectories
  }
}

/// Which trajectory is the last one of each packet.
private struct Packets {
  /// How much a trajectory holds, and when something was last added.
  struct Extent {
    let packetID: UInt64
    /// CLOCK_MONOTONIC, in nanoseconds.
    var last: UInt64
    var sightings: Int32 = 0
    /// Where the next of its sightings goes, in the order of the store.
    var next: Int32 = 0
  }

  var extents: [Extent] = []
  /// The places in `extents` by packet ids, which are hashes already: open addressing, at most half full; -1 is free.
  private var slots: [Int32]
  private let mask: Int

  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    mask = size - 1
    slots = [Int32](repeating: -1, count: size)
    extents.reserveCapacity(capacity)
  }

  /// The place of the trajectory that an event belongs to, in nanoseconds of CLOCK_MONOTONIC: a new one where the packet's
  /// last one is too long ago.
  mutating func trajectory(of id: UInt64, at time: UInt64) -> Int {
    // The bits of an id that somebody chose are spread (Fibonacci hashing).
    var slot = Int(truncatingIfNeeded: (id &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if extents[place].packetID == id {
        guard time - extents[place].last > Trajectory.gap else {
          extents[place].last = time
          return place
        }
        break
      }
      slot = (slot + 1) & mask
    }
    slots[slot] = Int32(extents.count)
    extents.append(Extent(packetID: id, last: time))
    return extents.count - 1
  }
}
