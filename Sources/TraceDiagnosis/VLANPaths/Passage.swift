import NetworkAddresses
import TraceModel

/// Between whom a packet goes.
struct Ends: Hashable {
  let source: IPAddress
  let destination: IPAddress

  init(_ source: IPAddress, _ destination: IPAddress) {
    self.source = source
    self.destination = destination
  }

  /// `nil` for what is no IP packet.
  init?(_ frame: Frame) {
    guard let ip = frame.ip else { return nil }
    self.init(ip.source, ip.destination)
  }
}

/// One packet between two stations of different VLANs, at every hook that saw it, in time order.
struct Passage {
  /// The places on the way from one VLAN to another, in the order in which a packet comes by.
  enum Stage: Int, CaseIterable {
    /// Out of the sender's own interface.
    case sent
    /// Out of the parent, with the sender's tag.
    case left
    /// Out of the router, with the receiver's tag and a lower TTL.
    case crossed
    /// Into the receiver's own interface.
    case arrived
  }

  let packetID: UInt64
  let sightings: [Sighting]
  /// Where each stage was seen first.
  private let stages: [Stage: Sighting]

  /// - Parameters:
  ///   - pair: from which VLAN to which it goes.
  ///   - ends: the interfaces of who sends and who is to receive, where they are on this host.
  init(
    _ packetID: UInt64, _ sightings: [Sighting], _ pair: VLANPair, ends: (InterfaceID?, InterfaceID?),
    _ placement: VLANPlacement
  ) {
    self.packetID = packetID
    self.sightings = sightings
    let ttl = sightings.lazy.compactMap(\.frame.ip?.ttl).max() ?? 0
    var stages: [Stage: Sighting] = [:]
    let note = { (stage: Stage, sighting: Sighting) in
      if stages[stage] == nil { stages[stage] = sighting }
    }
    for sighting in sightings {
      let vlan = placement.vlan(of: sighting)
      let hook = sighting.hook
      if let own = ends.0, hook == Hook(own, .egress) { note(.sent, sighting) }
      if placement.isDeparture(sighting), vlan == pair.from { note(.left, sighting) }
      if vlan == pair.to, let now = sighting.frame.ip?.ttl, now < ttl { note(.crossed, sighting) }
      if let other = ends.1, hook == Hook(other, .ingress) { note(.arrived, sighting) }
    }
    self.stages = stages
  }

  /// Where it was seen at that stage first; `nil` where it was not.
  subscript(stage: Stage) -> Sighting? { stages[stage] }

  /// Whether it is one that asks: an echo request, or for one of these ports.
  func asks(_ ports: Set<UInt16>) -> Bool {
    switch sightings.first?.frame.ip?.transport {
    case .icmp(let type, _, _, _): type == 8 || type == 128
    case .tcp(_, let port, _, _, _), .udp(_, let port, _): ports.contains(port)
    default: false
    }
  }

  /// Whether it is one that answers: an echo reply, or from one of these ports.
  func answers(_ ports: Set<UInt16>) -> Bool {
    switch sightings.first?.frame.ip?.transport {
    case .icmp(let type, _, _, _): type == 0 || type == 129
    case .tcp(let port, _, _, _, _), .udp(let port, _, _): ports.contains(port)
    default: false
    }
  }

  /// Whether it is an echo request or reply.
  var isEcho: Bool {
    guard case .icmp(let type, _, _, _) = sightings.first?.frame.ip?.transport else { return false }
    return [0, 8, 128, 129].contains(type)
  }

  /// Whether it was recorded wherever it came by: else that it was not seen says nothing.
  var isRecordedEverywhere: Bool {
    sightings.allSatisfy(\.reason.isCertain)
  }

  /// Its TTL or hop limit before any router.
  var firstTTL: UInt8 { sightings.lazy.compactMap(\.frame.ip?.ttl).max() ?? 0 }

  /// How often a hook saw it.
  func arrivals(at hook: Hook) -> Int { sightings.count { $0.hook == hook } }
}

/// The packets of an observation by who sent them to whom.
struct PassageIndex {
  private let packets: [Ends: [(packetID: UInt64, sightings: [Sighting])]]

  init(_ sightings: [Sighting], among addresses: Set<IPAddress>) {
    var grouped: [Ends: [UInt64: [Sighting]]] = [:]
    for sighting in sightings {
      guard let ends = Ends(sighting.frame), addresses.contains(ends.source),
        addresses.contains(ends.destination)
      else { continue }
      grouped[ends, default: [:]][sighting.packetID, default: []].append(sighting)
    }
    packets = grouped.mapValues { byID in
      byID.map { (packetID: $0.key, sightings: $0.value.sorted { $0.time < $1.time }) }
        .sorted { ($0.sightings.first?.time ?? 0) < ($1.sightings.first?.time ?? 0) }
    }
  }

  /// In the order in which they were first seen.
  func packets(_ ends: Ends) -> [(packetID: UInt64, sightings: [Sighting])] { packets[ends] ?? [] }
}
