import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite("Joining what was seen of one packet") struct TrajectoryJoinerTests {
  static let frame = Frame(source: .broadcast, destination: .broadcast, etherType: 0x0800)

  static func sighting(_ time: UInt64, _ packetID: UInt64, ifindex: UInt32 = 2) -> Sighting {
    Sighting(
      time: time, hook: Hook(InterfaceID(namespace: 1, ifindex: ifindex), .ingress), packetID: packetID,
      frame: frame)
  }

  static func drop(_ time: UInt64, _ packetID: UInt64?) -> Drop {
    Drop(
      time: time, packetID: packetID, namespace: 1, interface: nil, reason: nil, location: nil, frame: nil)
  }

  @Test func sightingsAndDropsOfOnePacketAreInTimeOrder() {
    let trajectories = TrajectoryJoiner.join(
      [Self.sighting(30, 1), Self.sighting(10, 1), Self.sighting(20, 2)],
      [Self.drop(40, 1), Self.drop(35, 1), Self.drop(5, 3), Self.drop(6, nil)])
    #expect(trajectories.map(\.packetID) == [3, 1, 2])
    #expect(trajectories.map { $0.sightings.map(\.time) } == [[], [10, 30], [20]])
    #expect(trajectories.map { $0.drops.map(\.time) } == [[5], [35, 40], []])
  }

  @Test func aPacketThatComesAgainLaterIsAnother() {
    let gap = Trajectory.gap
    let trajectories = TrajectoryJoiner.join(
      [0, gap, 2 * gap, 3 * gap + 1].map { Self.sighting($0, 7) }, [Self.drop(4 * gap + 2, 7)])
    #expect(trajectories.map { $0.sightings.map(\.time) } == [[0, gap, 2 * gap], [3 * gap + 1], []])
    #expect(trajectories.map(\.drops.count) == [0, 0, 1])
  }

  @Test("what is joined is what looking for each packet's events one by one finds")
  func oneByOne() {
    var generator = SystemRandomNumberGenerator()
    for round in 0..<50 {
      // Few ids, so that packets come again; some that differ in the high half alone, and those of all bits.
      let ids: [UInt64] = [0, 1, 2, .max, 1 << 32, 1 << 63, 0xdead_beef_0000_0001]
      let time = { (generator: inout SystemRandomNumberGenerator) in
        UInt64.random(in: 0..<20, using: &generator) * Trajectory.gap / 3
      }
      let sightings = (0..<UInt32(round * 4)).map { number in
        Self.sighting(time(&generator), ids.randomElement(using: &generator) ?? 0, ifindex: number)
      }
      let drops = (0..<round).map { _ in
        Self.drop(time(&generator), Bool.random() ? ids.randomElement(using: &generator) : nil)
      }
      #expect(TrajectoryJoiner.join(sightings, drops) == Self.joinedOneByOne(sightings, drops))
    }
  }

  /// By the words alone: events in time order, sightings first; each goes to its packet's last trajectory or opens one.
  static func joinedOneByOne(_ sightings: [Sighting], _ drops: [Drop]) -> [Trajectory] {
    var joined: [(packetID: UInt64, last: UInt64, sightings: [Sighting], drops: [Drop])] = []
    let place = { (packetID: UInt64, time: UInt64) -> Int in
      if let place = joined.lastIndex(where: { $0.packetID == packetID }),
        time - joined[place].last <= Trajectory.gap
      {
        joined[place].last = time
        return place
      }
      joined.append((packetID, time, [], []))
      return joined.count - 1
    }
    for time in Set(sightings.map(\.time) + drops.map(\.time)).sorted() {
      for sighting in sightings where sighting.time == time {
        joined[place(sighting.packetID, time)].sightings.append(sighting)
      }
      for drop in drops where drop.time == time {
        if let packetID = drop.packetID { joined[place(packetID, time)].drops.append(drop) }
      }
    }
    return joined.map { Trajectory(packetID: $0.packetID, sightings: $0.sightings, drops: $0.drops) }
  }
}
