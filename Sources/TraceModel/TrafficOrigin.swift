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
  /// What comes from an address that is none of ours was sent beyond the parent. Of the rest, what passed the parent's
  /// egress hook before was reflected; see `ReflectedFrames`.
  public func origins(of counters: [Counter]) -> [InterfaceID: TrafficOrigin] {
    let ownMACs = Set(interfaces.compactMap(\.mac))
    let children = Dictionary(children.map { ($0.id, $0) }) { first, _ in first }
    var frames = ReflectedFrames(self, counters, ownMACs)
    var origins: [InterfaceID: TrafficOrigin] = [:]
    for counter in counters where counter.direction == .ingress {
      guard let child = children[counter.interface] else { continue }
      guard ownMACs.contains(counter.source) else {
        origins[child.id, default: TrafficOrigin()].wire += counter.frames
        continue
      }
      let reflected = frames.take(counter, at: child)
      origins[child.id, default: TrafficOrigin()].reflected += reflected
      origins[child.id, default: TrafficOrigin()].sibling += counter.frames - reflected
    }
    return origins
  }
}
