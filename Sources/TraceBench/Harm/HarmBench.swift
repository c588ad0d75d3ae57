import LinuxNamespaces

/// What observing does to traffic: TCP with and without offloads, and round trips on one CPU, each beside the same with nothing
/// attached just before.
struct HarmBench {
  let peers: [Peer]
  let rounds: Int
  let files: String

  func run() throws -> [HarmResult] {
    let network = try PathNetwork()
    let goodput = try Goodput(network)
    _ = try measure(network, goodput)
    var results = peers.map { HarmResult(name: $0.name, captures: $0.captures) }
    for _ in 0..<rounds {
      for index in peers.indices {
        let alone = try measure(network, goodput)
        let running = try RunningPeer(
          peers[index], in: network.host, child: network.near, files: files)
        try running.waitUntilReady()
        let observed = try measure(network, goodput)
        running.end()
        results[index].append(observed, alone: alone)
      }
    }
    return results
  }

  private func measure(_ network: PathNetwork, _ goodput: Goodput) throws -> HarmRound {
    try network.setOffloads(false)
    let single = try goodput.measure()
    try network.setOffloads(true)
    return HarmRound(single: single, joined: try goodput.measure(), trips: try PingPong(network))
  }
}

/// One measurement of the path.
struct HarmRound {
  /// Bits per second, every segment a frame of its own, and with segments joined.
  let single: Double
  let joined: Double
  let trips: PingPong
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

  mutating func append(_ observed: HarmRound, alone: HarmRound) {
    goodputWithoutOffloads.append(observed.single / alone.single)
    goodputWithOffloads.append(observed.joined / alone.joined)
    roundTrip.append(observed.trips.median / alone.trips.median)
    roundTrip999.append(observed.trips.percentile999 / alone.trips.percentile999)
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
      What observing does to traffic to a child: ratios to nothing attached just before: goodput of TCP, and round trips of UDP
      on one CPU; median (minimum-maximum)
      \(table.text)
      """
  }
}
