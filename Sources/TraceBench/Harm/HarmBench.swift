import LinuxNamespaces

/// What observing does to traffic: TCP with and without offloads, and round trips on one CPU, each beside the same with nothing
/// attached just before and after: the machine's speed drifts.
struct HarmBench {
  let peers: [Peer]
  let rounds: Int
  let files: String

  func run() throws -> [HarmResult] {
    let network = try PathNetwork()
    let goodput = try Goodput(network)
    // The first one warms up.
    _ = try rates(network, goodput)
    var before = try rates(network, goodput)
    var results = peers.map { HarmResult(name: $0.name, captures: $0.captures) }
    for _ in 0..<rounds {
      for index in peers.indices {
        // Round trips take half a second: they are measured on either side of each change.
        let tripsBefore = try PingPong.mean(network)
        let running = try RunningPeer(
          peers[index], in: network.host, child: network.near, files: files)
        try running.waitUntilReady()
        let first = try PingPong.mean(network)
        let observed = try rates(network, goodput)
        let last = try PingPong.mean(network)
        running.end()
        let tripsAfter = try PingPong.mean(network)
        let after = try rates(network, goodput)
        results[index].append(
          observed, before: before, after: after, trips: [first, last], besides: [tripsBefore, tripsAfter])
        before = after
      }
    }
    return results
  }

  private func rates(_ network: PathNetwork, _ goodput: Goodput) throws -> HarmRates {
    try network.setOffloads(false)
    let single = try goodput.measure(octets: 50_000_000)
    try network.setOffloads(true)
    return HarmRates(single: single, joined: try goodput.measure(octets: 200_000_000))
  }
}

/// Bits per second on the path, every segment a frame of its own, and with segments joined.
struct HarmRates {
  let single: Double
  let joined: Double
}

/// What one tool did to traffic: ratios to nothing attached, by round.
struct HarmResult: Encodable {
  let name: String
  let captures: Bool
  private(set) var goodputWithoutOffloads: [Double] = []
  private(set) var goodputWithOffloads: [Double] = []
  private(set) var roundTrip: [Double] = []
  private(set) var roundTrip999: [Double] = []

  init(name: String, captures: Bool) {
    self.name = name
    self.captures = captures
  }

  /// - Parameters:
  ///   - before: what was measured with nothing attached just before.
  ///   - after: the same just after.
  ///   - trips: round trips while it was attached.
  ///   - others: as many, just before and after.
  mutating func append(
    _ observed: HarmRates, before: HarmRates, after: HarmRates, trips: [PingPong], besides others: [PingPong]
  ) {
    let ratio = { (rate: (HarmRates) -> Double) in 2 * rate(observed) / (rate(before) + rate(after)) }
    goodputWithoutOffloads.append(ratio(\.single))
    goodputWithOffloads.append(ratio(\.joined))
    let trip = { (time: (PingPong) -> Double) in trips.map(time).reduce(0, +) / others.map(time).reduce(0, +)
    }
    roundTrip.append(trip(\.median))
    roundTrip999.append(trip(\.percentile999))
  }

  /// What it did, as a multiple of what another tool did in the same round.
  func ratio(to other: HarmResult, _ rounds: (HarmResult) -> [Double]) -> Spread {
    Spread(zip(rounds(self), rounds(other)).map { $0 / $1 })
  }

  /// The results as a table.
  static func text(_ results: [HarmResult]) -> String {
    var table = TextColumns(["", "TCP, GSO off", "TCP, GSO on", "round trip p50", "round trip p99.9"])
    for result in results {
      table.append(
        [result.name]
          + [
            result.goodputWithoutOffloads, result.goodputWithOffloads, result.roundTrip, result.roundTrip999,
          ].map { Spread($0).text(2) })
    }
    return """
      What observing does to traffic to a child: ratios to nothing attached just before and after: goodput of TCP from
      one CPU to another, and round trips of UDP on one CPU; median (minimum-maximum)
      \(table.text)
      """
  }
}
