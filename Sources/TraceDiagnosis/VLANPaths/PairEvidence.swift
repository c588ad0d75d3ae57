import NetworkAddresses
import TraceModel

/// Everything that was seen of one ordered pair of VLANs, in one family: what its claims are judged by.
struct PairEvidence {
  let context: DiagnosisContext
  private let remote: RemoteSightings
  let run: VerificationRun
  let pair: VLANPair
  /// Who sends; `nil` where nobody could be found for the VLAN.
  let from: VLANStation?
  /// Who is sent to.
  let to: VLANStation?
  let isIPv4: Bool
  /// What was tried, but for the negative control.
  let exchanges: [VLANExchange]
  /// What was sent to be stopped by the first router.
  let control: VLANExchange?
  /// From the sender to the receiver.
  let requests: [Passage]
  /// From the receiver to the sender.
  let replies: [Passage]
  /// Packets of the negative control.
  let controls: [Passage]
  /// The verdict, with what routers were seen to do.
  let path: VLANPath
  let crossings: [VLANCrossing]

  init(
    _ context: DiagnosisContext, _ run: VerificationRun, _ index: PassageIndex, _ placement: VLANPlacement,
    _ judge: VLANPathJudge, _ remote: RemoteSightings, _ pair: VLANPair, isIPv4: Bool
  ) {
    self.context = context
    self.run = run
    self.pair = pair
    self.isIPv4 = isIPv4
    self.remote = remote
    let found = { (vlan: VLANID) -> VLANStation? in
      var station = run.station(of: vlan, in: pair)
      // Whom nobody knows here may be known elsewhere.
      if station?.interface.flatMap(context.interface) == nil,
        let owner = station?.address(isIPv4: isIPv4).flatMap({ remote.owner(of: $0, in: vlan) })
      {
        station?.interface = owner.id
        station?.mac = owner.mac
      }
      return station
    }
    let (from, to) = (found(pair.from), found(pair.to))
    self.from = from
    self.to = to
    let mine = run.exchanges.filter { $0.pair == pair && $0.isIPv4 == isIPv4 }
    exchanges = mine.filter { !$0.isNegativeControl }
    control = mine.first(where: \.isNegativeControl)
    let passages = { (pair: VLANPair, sender: VLANStation?, receiver: VLANStation?) -> [Passage] in
      guard let source = sender?.address(isIPv4: isIPv4),
        let destination = receiver?.address(isIPv4: isIPv4)
      else { return [] }
      return index.packets(Ends(source, destination)).map {
        Passage(
          $0.packetID, $0.sightings, pair, ends: (sender?.interface, receiver?.interface), placement)
      }
    }
    let ports = Set(mine.compactMap(\.run.port))
    let there = passages(pair, from, to).filter { mine.isEmpty || $0.asks(ports) }
    requests = there.filter { $0.firstTTL != 1 }
    controls = there.filter { $0.firstTTL == 1 }
    replies = passages(pair.reversed, to, from).filter { mine.isEmpty || $0.answers(ports) }
    path = judge.path(pair)
    crossings = judge.crossings.filter { $0.from == pair.from && $0.to == pair.to && !$0.isLeak }
  }

  var parent: Interface { context.parent }
  /// Whether the receiver is on a host that was observed, where what it gets is seen.
  var isTargetHere: Bool {
    guard let id = to?.interface else { return false }
    return context.interface(id) != nil || remote.parents.contains { $0.host == id.host && id.host != 0 }
  }
  /// What was asked by echo requests.
  var echo: VLANExchange? { exchanges.first { $0.run.protocol == .icmp } }
  /// Whether anything that was sent came back, or live traffic crossed.
  var works: Bool { exchanges.contains(where: \.reaches) || !crossings.isEmpty }

  /// The first of those packets at a stage.
  func first(_ stage: Passage.Stage, of passages: [Passage]) -> Sighting? {
    passages.lazy.compactMap { $0[stage] }.first
  }

  /// What the sender's kernel said of the way, and the receiver's of the way back.
  func lookup(from sender: VLANStation?, to receiver: VLANStation?) -> RouteLookup? {
    guard let namespace = sender?.namespace, let target = receiver?.address(isIPv4: isIPv4) else {
      return nil
    }
    return context.lookup(to: target, in: namespace)
  }

  /// The next hop's address, as the sender's kernel says.
  var gateway: IPAddress? { lookup(from: from, to: to)?.route?.gateway }

  /// The MAC address that packets for the other VLAN went to.
  var gatewayMAC: MACAddress? {
    (first(.left, of: requests) ?? first(.sent, of: requests))?.frame.destination ?? path.routerMAC
  }

  /// The router's interface in the sender's VLAN, where it is on this machine, with its namespace's state.
  var localRouter: (interface: Interface, namespace: NamespaceState?)? {
    let topologies = [context.topology] + context.observation.far.map(\.after)
    for topology in topologies {
      let owner = topology.interfaces.first { interface in
        guard interface.id.namespace != from?.namespace else { return false }
        if let gateway { return interface.owns(gateway) }
        return interface.mac == gatewayMAC && gatewayMAC != nil && interface.kind != .vlan
      }
      if let owner { return (owner, topology.namespace(owner.id.namespace)) }
    }
    return nil
  }

  /// Who it is, where it is, in words.
  func name(_ station: VLANStation?) -> String {
    guard let station else { return "nobody" }
    let address = station.address(isIPv4: isIPv4).map { "\($0)" } ?? "?"
    return station.label == address ? address : "\(station.label) (\(address))"
  }
}
