import NetworkAddresses
import TraceModel

/// One packet that was at the parent in one VLAN, and then in another: a router lies between, or a leak.
struct VLANCrossing {
  let from: VLANID
  let to: VLANID
  /// Where it was last seen in the first.
  let before: Sighting
  /// Where it was first seen in the second.
  let after: Sighting
  /// Whether its source address was another one then.
  var isTranslated = false

  /// In nanoseconds.
  var latency: UInt64 { after.time - before.time }
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

  /// Those that were seen at a parent, in time order.
  static func all(_ sightings: [Sighting], at parent: InterfaceID, isLocal: (MACAddress) -> Bool)
    -> [VLANCrossing]
  {
    let tagged = sightings.filter { $0.hook.interface == parent && $0.frame.outerTag != nil }
    var crossings: [VLANCrossing] = []
    for copies in Dictionary(grouping: tagged, by: \.packetID).values {
      let sorted = copies.sorted { $0.time < $1.time }
      for (first, second) in zip(sorted, sorted.dropFirst()) {
        guard let from = first.frame.outerTag?.vlanID, let to = second.frame.outerTag?.vlanID, from != to,
          second.time - first.time <= longest
        else { continue }
        let crossing = VLANCrossing(from: from, to: to, before: first, after: second)
        // Somebody else may say the same in two VLANs, and so may this host: neither is a copy of the other.
        let isCopy =
          first.hook.direction == .egress && second.hook.direction == .ingress && isLocal(first.frame.source)
        if crossing.isLeak ? isCopy : (crossing.ttlDecrement ?? 0) > 0 { crossings.append(crossing) }
      }
    }
    return crossings.sorted { $0.before.time < $1.before.time }
  }

  /// Packets whose source a router rewrote: told by what it cannot rewrite, the target, the transport's own numbers, and
  /// a lower TTL.
  static func translated(_ sent: [Sighting], _ sightings: [Sighting], at parent: InterfaceID)
    -> [VLANCrossing]
  {
    let received = Dictionary(
      grouping: sightings.filter {
        $0.hook == Hook(parent, .ingress) && $0.frame.outerTag != nil && $0.frame.ip != nil
      }, by: { $0.frame.ip.map(Likeness.init) })
    return sent.compactMap { first in
      guard let ip = first.frame.ip, let from = first.frame.outerTag?.vlanID else { return nil }
      let match = received[Likeness(ip)]?.first { second in
        second.time >= first.time && second.time - first.time <= longest
          && second.frame.outerTag?.vlanID != from && second.frame.ip?.source != ip.source
          && (second.frame.ip?.ttl ?? 0) < ip.ttl
      }
      guard let match, let to = match.frame.outerTag?.vlanID else { return nil }
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
      case .udp(_, let port): detail = [UInt64(port), UInt64(ip.identification)]
      default: detail = [UInt64(ip.identification)]
      }
    }
  }
}
