import NetworkAddresses

/// Where the frames that reached a child came from, counted exactly.
public struct TrafficOrigin: Hashable, Codable, Sendable {
  /// Sent by somebody beyond the parent.
  public var wire: UInt64 = 0
  /// Handed over by a child of the same parent, inside this host.
  public var sibling: UInt64 = 0
  /// Sent by this host's parent or a child, out on the wire and back: a reflecting switch port.
  public var reflected: UInt64 = 0

  /// No frames.
  public init() {}
}

extension Topology {
  /// Divides each child's received frames by where they came from.
  ///
  /// A frame from a sibling in bridge mode never passes the parent's egress hook (the macvlan driver hands it
  /// over below: drivers/net/macvlan.c, `macvlan_queue_xmit`), a reflected one has passed it before. So of the
  /// unicast frames between two of the parent's own addresses, as many as left the parent can have come back.
  /// Group frames of a sibling in bridge mode also leave on the wire; those that come back do so at the
  /// parent's ingress hook.
  public func origins(of counters: [Counter]) -> [InterfaceID: TrafficOrigin] {
    struct Pair: Hashable {
      var source: MACAddress
      var destination: MACAddress
    }
    let ownMACs = Set(interfaces.compactMap(\.mac))
    var left: [Pair: UInt64] = [:]
    var returned: [Pair: UInt64] = [:]
    for counter in counters where counter.interface == parent && ownMACs.contains(counter.source) {
      let pair = Pair(source: counter.source, destination: counter.destination)
      if counter.direction == .egress {
        left[pair, default: 0] += counter.frames
      } else {
        returned[pair, default: 0] += counter.frames
      }
    }
    let childIDs = Set(children.map(\.id))
    var origins: [InterfaceID: TrafficOrigin] = [:]
    for counter in counters where counter.direction == .ingress && childIDs.contains(counter.interface) {
      var origin = origins[counter.interface] ?? TrafficOrigin()
      if ownMACs.contains(counter.source) {
        let pair = Pair(source: counter.source, destination: counter.destination)
        let back = counter.destination.isMulticast ? returned[pair] : left[pair]
        let reflected = min(counter.frames, back ?? 0)
        origin.reflected += reflected
        origin.sibling += counter.frames - reflected
      } else {
        origin.wire += counter.frames
      }
      origins[counter.interface] = origin
    }
    return origins
  }
}
