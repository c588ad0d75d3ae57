public import TraceModel

/// Joins the sightings and drops of one packet, in time order (trajectory sampling).
public enum TrajectoryJoiner {
  /// An ARP request is repeated word for word each second, so its id repeats too. A packet crosses a host in
  /// microseconds and a switch in less than this: what comes later is the next one.
  static let gap: UInt64 = 50_000_000

  /// The trajectories of an observation in the order of their first sightings. Everything is visited once after one
  /// sort.
  public static func join(_ sightings: [Sighting], _ drops: [Drop]) -> [Trajectory] {
    struct Event {
      var packetID: UInt64
      var time: UInt64
      var index: Int32
      var isDrop: Bool
    }
    var events: [Event] = []
    events.reserveCapacity(sightings.count + drops.count)
    for (index, sighting) in sightings.enumerated() {
      events.append(
        Event(packetID: sighting.packetID, time: sighting.time, index: Int32(index), isDrop: false))
    }
    for (index, drop) in drops.enumerated() {
      guard let id = drop.packetID else { continue }
      events.append(Event(packetID: id, time: drop.time, index: Int32(index), isDrop: true))
    }
    events.sort { ($0.packetID, $0.time) < ($1.packetID, $1.time) }
    var trajectories: [Trajectory] = []
    var lastTime: UInt64 = 0
    for event in events {
      if trajectories.last?.packetID != event.packetID || event.time - lastTime > gap {
        trajectories.append(Trajectory(packetID: event.packetID, sightings: []))
      }
      lastTime = event.time
      let last = trajectories.count - 1
      if event.isDrop {
        trajectories[last].drops.append(drops[Int(event.index)])
      } else {
        trajectories[last].sightings.append(sightings[Int(event.index)])
      }
    }
    return trajectories.sorted { $0.start < $1.start }
  }
}
