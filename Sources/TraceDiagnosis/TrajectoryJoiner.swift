public import TraceModel

/// Joins the sightings and drops of one packet, in time order (trajectory sampling).
public enum TrajectoryJoiner {
  /// An ARP request is repeated word for word each second, so its id repeats too. A packet crosses a host in
  /// microseconds and a switch in less than this: what comes later is the next one.
  static let gap: UInt64 = 50_000_000

  /// A sighting or drop, by its place in its list.
  private struct Event {
    let time: UInt64
    let packetID: UInt64
    let index: Int32
    let isDrop: Bool
  }

  /// How much a trajectory will hold, and when something was last added.
  private struct Extent {
    let packetID: UInt64
    var last: UInt64
    var sightings = 0
    var drops = 0
  }

  /// The trajectories of an observation in the order of their first sightings. Everything is visited once after one sort,
  /// which costs little as records come almost in order.
  public static func join(_ sightings: [Sighting], _ drops: [Drop]) -> [Trajectory] {
    var events: [Event] = []
    events.reserveCapacity(sightings.count + drops.count)
    for index in sightings.indices {
      events.append(
        Event(
          time: sightings[index].time, packetID: sightings[index].packetID, index: Int32(index), isDrop: false
        ))
    }
    for index in drops.indices {
      guard let id = drops[index].packetID else { continue }
      events.append(Event(time: drops[index].time, packetID: id, index: Int32(index), isDrop: true))
    }
    events.sort { $0.time < $1.time }

    // Which trajectory each event is of: the last one of its packet, where that is not too long ago.
    var extents: [Extent] = []
    var owners = [Int32](repeating: 0, count: events.count)
    var latest = PacketTable(capacity: events.count)
    for (position, event) in events.enumerated() {
      let number = latest.withNumber(of: event.packetID) { number in
        if number < 0 || event.time - extents[Int(number)].last > gap {
          number = Int32(extents.count)
          extents.append(Extent(packetID: event.packetID, last: event.time))
        }
        return number
      }
      owners[position] = number
      extents[Int(number)].last = event.time
      if event.isDrop { extents[Int(number)].drops += 1 } else { extents[Int(number)].sightings += 1 }
    }

    var trajectories: [Trajectory] = []
    trajectories.reserveCapacity(extents.count)
    for extent in extents {
      var trajectory = Trajectory(packetID: extent.packetID, sightings: [])
      trajectory.sightings.reserveCapacity(extent.sightings)
      trajectory.drops.reserveCapacity(extent.drops)
      trajectories.append(trajectory)
    }
    for (position, event) in events.enumerated() {
      let number = Int(owners[position])
      if event.isDrop {
        trajectories[number].drops.append(drops[Int(event.index)])
      } else {
        trajectories[number].sightings.append(sightings[Int(event.index)])
      }
    }
    return trajectories
  }
}

/// A number for each packet, by its id, which is a hash already: open addressing, at most half full.
private struct PacketTable {
  private var ids: [UInt64]
  private var numbers: [Int32]
  private let mask: Int

  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    mask = size - 1
    ids = [UInt64](repeating: 0, count: size)
    numbers = [Int32](repeating: -1, count: size)
  }

  /// Hands out the packet's number to be read and set: -1 for one that is new.
  mutating func withNumber(of id: UInt64, _ change: (inout Int32) -> Int32) -> Int32 {
    // The bits of an id that somebody chose are spread (Fibonacci hashing).
    var slot = Int(truncatingIfNeeded: (id &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while numbers[slot] >= 0, ids[slot] != id { slot = (slot + 1) & mask }
    ids[slot] = id
    return change(&numbers[slot])
  }
}
