import NetworkAddresses
import TraceModel

/// What other hosts saw meanwhile, by one host's clock and under ids that are not that host's own.
struct RemoteSightings {
  /// In time order.
  private(set) var sightings: [Sighting] = []
  private(set) var topologies: [Topology] = []
  /// How wrong a time between two hosts can be, in nanoseconds: of the host whose clock is known worst.
  private(set) var clockBound: UInt64 = 0

  /// Nothing but what the host itself saw.
  static let none = RemoteSightings()

  private init() {}

  /// Those of the hosts whose clocks can be compared with this one's.
  init(of others: [HostView], by host: HostView) {
    for other in others {
      guard let offset = ClockOffset(host, other) else { continue }
      clockBound = max(clockBound, offset.bound)
      topologies.append(Self.renumbered(other.context.topology, other.number))
      sightings += other.context.observation.sightings.map { sighting in
        var sighting = sighting
        sighting.hook.interface = sighting.hook.interface.on(host: other.number)
        sighting.time = UInt64(clamping: Int64(clamping: sighting.time) - offset.value)
        return sighting
      }
    }
    sightings.sort { $0.time < $1.time }
  }

  private static func renumbered(_ topology: Topology, _ number: UInt16) -> Topology {
    var topology = topology
    topology.parent = topology.parent.on(host: number)
    for index in topology.interfaces.indices {
      topology.interfaces[index].id = topology.interfaces[index].id.on(host: number)
      topology.interfaces[index].parent = topology.interfaces[index].parent?.on(host: number)
    }
    return topology
  }

  /// The parents of the other hosts.
  var parents: Set<InterfaceID> { Set(topologies.map(\.parent)) }

  /// The interface of another host that has an address in a VLAN.
  func owner(of address: IPAddress, in vlan: VLANID) -> Interface? {
    topologies.lazy.flatMap(\.interfaces).first { $0.owns(address) && $0.vlan == vlan }
  }
}
