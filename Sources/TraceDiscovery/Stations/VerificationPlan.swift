import NetworkAddresses
public import TraceModel

/// What is to be tried between VLANs. Pure.
public struct VerificationPlan: Sendable {
  /// The run as it is before anything was sent: its exchanges have no probes.
  public let run: VerificationRun

  /// Plans every ordered pair.
  ///
  /// - Parameters:
  ///   - run: what was asked for.
  ///   - stations: whom there is, of each VLAN the best first.
  ///   - port: the port that TCP and UDP are tried on.
  public init(_ run: VerificationRun, stations: [VLANStation], port: UInt16) {
    var run = run
    run.stations = stations
    if !run.isPassive {
      for pair in VLANPair.all(of: run.vlans) {
        switch Self.ends(pair, stations) {
        case .success(let ends): run.exchanges += Self.exchanges(pair, ends.from, ends.to, port)
        case .failure(let missing): run.omissions.append(VLANOmission(pair, because: missing.text))
        }
      }
    }
    self.run = run
  }

  private struct Missing: Error { var text: String }

  /// The first two that can send to each other by way of a router.
  private static func ends(_ pair: VLANPair, _ stations: [VLANStation]) -> Result<
    (from: VLANStation, to: VLANStation), Missing
  > {
    let senders = stations.filter { $0.vlan == pair.from }
    let receivers = stations.filter { $0.vlan == pair.to }
    for (vlan, some) in [(pair.from, senders), (pair.to, receivers)] where some.isEmpty {
      return .failure(
        Missing(
          text: "nothing on this host is up in VLAN \(vlan) with an address: name somebody with "
            + "--from \(vlan)=ADDRESS"))
    }
    let local = senders.filter { $0.namespace != nil }
    guard !local.isEmpty else {
      return .failure(
        Missing(
          text:
            "\(senders[0].label) of VLAN \(pair.from) is not on this machine: verify there, too, with --output, and "
            + "join the files with `macvtrace report`"))
    }
    for from in local {
      for to in receivers where from.namespace != to.namespace {
        if [true, false].contains(where: { from.address(isIPv4: $0) != nil && to.address(isIPv4: $0) != nil })
        {
          return .success((from, to))
        }
      }
    }
    let isOneStack = local.allSatisfy { from in receivers.allSatisfy { $0.namespace == from.namespace } }
    return .failure(
      Missing(
        text: isOneStack
          ? "\(local[0].label) and \(receivers[0].label) are in one network namespace, which sends itself nothing by a "
            + "router: put a container on one of the two, or name somebody with --from \(pair.to)=ADDRESS"
          : "\(local[0].label) and \(receivers[0].label) have no addresses of one family"))
  }

  private static func exchanges(_ pair: VLANPair, _ from: VLANStation, _ to: VLANStation, _ port: UInt16)
    -> [VLANExchange]
  {
    [true, false].flatMap { isIPv4 -> [VLANExchange] in
      guard let sender = from.station(isIPv4: isIPv4), let receiver = to.station(isIPv4: isIPv4) else {
        return []
      }
      let run = { (kind: ProbeProtocol) in
        ProbeRun(from: sender, to: receiver, protocol: kind, port: kind == .icmp ? nil : port)
      }
      return [
        VLANExchange(pair: pair, run: run(.icmp)), VLANExchange(pair: pair, run: run(.tcp)),
        VLANExchange(pair: pair, run: run(.udp)), VLANExchange(pair: pair, run: run(.icmp), hopLimit: 1),
      ]
    }
  }

  /// What kernels are to be asked: the way of each exchange, and that of its answers.
  public var routeQuestions: [RouteQuestion] {
    var asked: Set<RouteQuestion> = []
    return run.exchanges.flatMap { exchange in
      [(exchange.run.from, exchange.run.to), (exchange.run.to, exchange.run.from)]
    }
    .compactMap { from, to in
      guard let namespace = from.namespace, let destination = to.address else { return nil }
      return RouteQuestion(namespace: namespace, destination: destination, source: from.address)
    }
    .filter { asked.insert($0).inserted }
  }
}
