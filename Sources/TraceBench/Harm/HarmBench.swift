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
    _ = try measure(network, goodput)
    var before = try measure(network, goodput)
    var results = peers.map { HarmResult(name: $0.name, captures: $0.captures) }
    for _ in 0..<rounds {
      for index in peers.indices {
        let running = try RunningPeer(
          peers[index], in: network.host, child: network.near, files: files)
        try running.waitUntilReady()
        let observed = try measure(network, goodput)
        running.end()
        let after = try measure(network, goodput)
        results[index].append(observed, before: before, after: after)
        before = after
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

  /// - Parameters:
  ///   - before: what was measured with nothing attached just before.
  ///   - after: the same just after.
  mutating func append(_ observed: HarmRound, before: HarmRound, after: HarmRound) {
    let ratio = { (value: (HarmRound) -> Double) in 2 * value(observed) / (value(before) + value(after)) }
    goodputWithoutOffloads.append(ratio(\.single))
    goodputWithOffloads.append(ratio(\.joined))
    roundTrip.append(ratio(\.trips.median))
    roundTrip999.append(ratio(\.trips.percentile999))
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
