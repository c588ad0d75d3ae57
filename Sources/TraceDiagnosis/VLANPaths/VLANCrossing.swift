import NetworkAddresses
import TraceModel

/// One packet that was seen in one VLAN, and then in another: a router lies between, or a leak.
struct VLANCrossing {
  let from: VLANID
  let to: VLANID
  /// Where it was last seen in the first.
  let before: Sighting
  /// Where it was first seen in the second.
  let after: Sighting
  /// Whether its source address was another one then.
  var isTranslated = false

  /// In nanoseconds; 0 where two hosts' clocks are less exact than it is short.
  var latency: UInt64 { after.time > before.time ? after.time - before.time : 0 }
  /// How much lower its TTL or hop limit was; `nil` for what has none.
  var ttlDecrement: Int? {
    guard let first = before.frame.ip?.ttl, let second = after.frame.ip?.ttl else { return nil }
    return Int(first) - Int(second)
  }
  /// Whether nobody routed it: as it was sent, it came out elsewhere.
  var isLeak: Bool {
    before.frame.source == after.frame.source && before.frame.destination == after.frame.destination
      && (ttlDecrement ?? 0) == 0
  }

  /// How long a router may keep a packet before it is taken for the next one.
  private static let longest: UInt64 = 2_000_000_000

  /// Those that were seen, in time order: at the parent, and where a router sits on this host itself.
  static func all(_ sightings: [Sighting], _ placement: VLANPlacement, isLocal: (MACAddress) -> Bool)
    -> [VLANCrossing]
  {
    var crossings: [VLANCrossing] = []
    for copies in Dictionary(grouping: sightings, by: \.packetID).values where copies.count > 1 {
      let placed = copies.sorted(by: isEarlier)
        .compactMap { sighting in placement.vlan(of: sighting).map { (sighting: sighting, vlan: $0) } }
      // What is said in several VLANs at once is no copy of itself.
      let isSaidOnce = Set(placed.filter { placement.isDeparture($0.sighting) }.map(\.vlan)).count == 1
      for (first, second) in zip(placed, placed.dropFirst()) where first.vlan != second.vlan {
        let crossing = VLANCrossing(
          from: first.vlan, to: second.vlan, before: first.sighting, after: second.sighting)
        guard crossing.latency <= longest else { continue }
        // Somebody else may say the same in two VLANs.
        let isCopy =
          isSaidOnce && placement.isDeparture(first.sighting) && placement.isArrival(second.sighting)
          && isLocal(first.sighting.frame.source)
        if crossing.isLeak ? isCopy : (crossing.ttlDecrement ?? 0) > 0 { crossings.append(crossing) }
      }
    }
    return crossings.sorted { $0.before.time < $1.before.time }
  }

  /// A packet's TTL tells the order where two hosts' clocks do not.
  private static func isEarlier(_ first: Sighting, _ second: Sighting) -> Bool {
    let (one, other) = (first.frame.ip?.ttl ?? 0, second.frame.ip?.ttl ?? 0)
    return one == other || first.hook.interface.host == second.hook.interface.host
      ? first.time < second.time : one > other
  }

  /// Packets whose source a router rewrote: told by what it cannot rewrite, the target, the transport's own numbers, and
  /// a lower TTL.
  static func translated(_ sent: [Sighting], _ sightings: [Sighting], _ placement: VLANPlacement)
    -> [VLANCrossing]
  {
    let received = Dictionary(
      grouping: sightings.filter {
        $0.hook.direction == .ingress && placement.vlan(of: $0) != nil && $0.frame.ip != nil
      }, by: { $0.frame.ip.map(Likeness.init) })
    return sent.compactMap { first in
      guard let ip = first.frame.ip, let from = placement.vlan(of: first) else { return nil }
      let match = received[Likeness(ip)]?.first { second in
        second.time >= first.time && second.time - first.time <= longest
          && placement.vlan(of: second) != from && second.frame.ip?.source != ip.source
          && (second.frame.ip?.ttl ?? 0) < ip.ttl
      }
      guard let match, let to = placement.vlan(of: match) else { return nil }
      return VLANCrossing(from: from, to: to, before: first, after: match, isTranslated: true)
    }
  }

  /// What translation of the source leaves as it is.
  private struct Likeness: Hashable {
    let destination: IPAddress
    let number: UInt8
    let detail: [UInt64]

    init(_ ip: IPFields) {
      destination = ip.destination
      number = ip.protocol
      switch ip.transport {
      // The identifier may be rewritten as a port is.
      case .icmp(let type, let code, _, let sequence):
        detail = [UInt64(type), UInt64(code), UInt64(sequence)]
      case .tcp(_, let port, let flags, let sequence, _):
        detail = [UInt64(port), UInt64(flags), UInt64(sequence)]
      case .udp(_, let port, _): detail = [UInt64(port), UInt64(ip.identification)]
      default: detail = [UInt64(ip.identification)]
      }
    }
  }
}
