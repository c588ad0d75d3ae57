/// The sightings of one packet in time order, and the drops that ended it.
public struct Trajectory: Hashable, Sendable {
  /// Nanoseconds after which the same id is another packet's. An ARP request is repeated word for word each second, so its
  /// id repeats too; a packet crosses a host in microseconds and a switch in less than this.
  public static let gap: UInt64 = 50_000_000

  /// What all of its sightings have in common.
  public var packetID: UInt64
  /// In time order; never empty, but for a packet that was only seen being dropped.
  public var sightings: SightingList
  /// In time order.
  public var drops: [Drop]

  /// Makes a trajectory.
  public init(packetID: UInt64, sightings: SightingList, drops: [Drop] = []) {
    self.packetID = packetID
    self.sightings = sightings
    self.drops = drops
  }

  /// Makes a trajectory that shares its sightings with no other.
  public init(packetID: UInt64, sightings: [Sighting], drops: [Drop] = []) {
    self.init(packetID: packetID, sightings: SightingList(sightings), drops: drops)
  }

  /// When the packet was first seen, in nanoseconds of CLOCK_MONOTONIC.
  public var start: UInt64 { min(sightings.first?.time ?? .max, drops.first?.time ?? .max) }
  /// The frame as it was first seen.
  public var frame: Frame? { sightings.first?.frame ?? drops.first?.frame }

  /// Whether the packet passed that hook.
  public func passed(_ hook: Hook) -> Bool { sightings.contains { $0.hook == hook } }
  /// Where the packet passed that hook first.
  public func first(at hook: Hook) -> Sighting? { sightings.first { $0.hook == hook } }
}
