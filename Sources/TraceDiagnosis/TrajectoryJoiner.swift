public import TraceModel

/// Joins the sightings and drops of one packet, in time order (trajectory sampling).
public enum TrajectoryJoiner {
  /// An ARP request is repeated word for word each second, so its id repeats too. A packet crosses a host in
  /// microseconds and a switch in less than this: what comes later is the next one.
  static let gap: UInt64 = 50_000_000

  /// The trajectories of an observation in the order of their first sightings. They share the sightings, which are visited
  /// once after one sort, which costs little as records come almost in order.
  public static func join(_ sightings: [Sighting], _ drops: [Drop]) -> [Trajectory] {
    // An event is a sighting, by its place, or a drop of a known packet, by its place behind all of these.
    let count = sightings.count
    @inline(__always) func time(_ event: Int32) -> UInt64 {
      Int(event) < count ? sightings[Int(event)].time : drops[Int(event) - count].time
    }
    var events = Array(0..<Int32(count))
    events += drops.indices.lazy.filter { drops[$0].packetID != nil }.map { Int32(count + $0) }
    events.sort { (time($0), $0) < (time($1), $1) }

    // Which trajectory each event is of: the last one of its packet, where that is not too long ago.
    var packets = Packets(capacity: events.count)
    var owners: [Int32] = []
    owners.reserveCapacity(events.count)
    for event in events {
      if Int(event) < count {
        let sighting = sightings[Int(event)]
        let number = packets.trajectory(of: sighting.packetID, at: sighting.time)
        packets.extents[number].sightings += 1
        owners.append(Int32(number))
      } else if let id = drops[Int(event) - count].packetID {
        owners.append(Int32(packets.trajectory(of: id, at: time(event))))
      }
    }

    // The sightings of one trajectory after those of another.
    var start: Int32 = 0
    for number in packets.extents.indices {
      packets.extents[number].next = start
      start += packets.extents[number].sightings
    }
    var order = [Int32](repeating: 0, count: count)
    for (event, owner) in zip(events, owners) where Int(event) < count {
      order[Int(packets.extents[Int(owner)].next)] = event
      packets.extents[Int(owner)].next += 1
    }
    let store = SightingStore(sightings, order: order)
    var trajectories = packets.extents.map { extent in
      Trajectory(
        packetID: extent.packetID,
        sightings: SightingList(store, Int(extent.next - extent.sightings)..<Int(extent.next)))
    }
    for (event, owner) in zip(events, owners) where Int(event) >= count {
      trajectories[Int(owner)].drops.append(drops[Int(event) - count])
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
        guard time - extents[place].last > TrajectoryJoiner.gap else {
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
