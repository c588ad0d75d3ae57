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
        let trips = try (0..<Self.attachments).map { _ in try roundTrips(network, peers[index]) }
        let observed = try observe(network, peers[index]) { try rates(network, goodput) }
        let after = try rates(network, goodput)
        results[index].append(observed, before: before, after: after, trips)
        before = after
      }
    }
    return results
  }

  /// How often a tool is attached anew for round trips in each round: they take a third of a second, and what drifts from
  /// before to after does so less.
  private static let attachments = 3

  /// Round trips while a tool observes, and just before and after.
  private func roundTrips(_ network: PathNetwork, _ peer: Peer) throws -> Trips {
    let before = try PingPong.mean(network)
    let observed = try observe(network, peer) { [try PingPong.mean(network), try PingPong.mean(network)] }
    return Trips(observed: observed, others: [before, try PingPong.mean(network)])
  }

  /// What something gives while a tool observes.
  private func observe<Value>(_ network: PathNetwork, _ peer: Peer, _ body: () throws -> Value) throws
    -> Value
  {
    let running = try RunningPeer(peer, in: network.host, child: network.near, files: files)
    defer { running.end() }
    try running.waitUntilReady()
    return try body()
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

/// Round trips while a tool observed, and as many just before and after.
struct Trips {
  let observed: [PingPong]
  let others: [PingPong]
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
  ///   - trips: round trips of each time that it was attached for them.
  mutating func append(_ observed: HarmRates, before: HarmRates, after: HarmRates, _ trips: [Trips]) {
    let ratio = { (rate: (HarmRates) -> Double) in 2 * rate(observed) / (rate(before) + rate(after)) }
    goodputWithoutOffloads.append(ratio(\.single))
    goodputWithOffloads.append(ratio(\.joined))
    let trip = { (time: (PingPong) -> Double) in
      trips.flatMap(\.observed).map(time).reduce(0, +) / trips.flatMap(\.others).map(time).reduce(0, +)
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
