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
  /// A unicast frame that a sibling in bridge mode hands over never passes the parent's egress hook
  /// (drivers/net/macvlan.c, `macvlan_queue_xmit`); a reflected one has passed it before. So of the frames
  /// between two of the parent's own addresses, as many as left the parent can have come back.
  /// A group frame of a child in bridge mode goes both ways: to its bridge siblings at once, and out. When the
  /// switch returns it, the driver gives the copy to VEPA children only, because the others have it already
  /// (`macvlan_process_broadcast`).
  public func origins(of counters: [Counter]) -> [InterfaceID: TrafficOrigin] {
    let ownMACs = Set(interfaces.compactMap(\.mac))
    let bridgeMACs = Set(children.filter { $0.mode == .bridge }.compactMap(\.mac))
    let modes = Dictionary(children.map { ($0.id, $0.mode) }) { first, _ in first }
    var left: [MACPair: UInt64] = [:]
    var returned: [MACPair: UInt64] = [:]
    for counter in counters where counter.interface == parent && ownMACs.contains(counter.source) {
      if counter.direction == .egress {
        left[MACPair(counter), default: 0] += counter.frames
      } else {
        returned[MACPair(counter), default: 0] += counter.frames
      }
    }
    var origins: [InterfaceID: TrafficOrigin] = [:]
    // A pair can have several counters at one child, one per VLAN: together they get what came back once.
    var attributed: [InterfaceID: [MACPair: UInt64]] = [:]
    for counter in counters where counter.direction == .ingress {
      guard let mode = modes[counter.interface] else { continue }
      let pair = MACPair(counter)
      var back: UInt64 = 0
      if !ownMACs.contains(counter.source) {
        origins[counter.interface, default: TrafficOrigin()].wire += counter.frames
        continue
      } else if !counter.destination.isMulticast {
        back = left[pair] ?? 0
      } else if mode != .bridge || !bridgeMACs.contains(counter.source) {
        back = returned[pair] ?? 0
      }
      let used = attributed[counter.interface]?[pair] ?? 0
      let reflected = min(counter.frames, back - min(used, back))
      attributed[counter.interface, default: [:]][pair] = used + reflected
      origins[counter.interface, default: TrafficOrigin()].reflected += reflected
      origins[counter.interface, default: TrafficOrigin()].sibling += counter.frames - reflected
    }
    return origins
  }
}

/// Who sends to whom.
private struct MACPair: Hashable {
  var source: MACAddress
  var destination: MACAddress

  init(_ counter: Counter) {
    source = counter.source
    destination = counter.destination
  }
}
