import Glibc
import LinuxNamespaces

/// The same flood to a macvlan child while one tool after the other observes its parent: what it adds to a frame's way, what
/// it takes itself, what it counts.
struct PeerBench {
  let peers: [Peer]
  let rounds: Int
  /// Where peers read and write.
  let files: String

  /// Bursts of a measurement; its cost is their median.
  private static let bursts = 8
  /// Bursts with nothing attached, before and after each.
  private static let pauses = 4

  func run() throws -> [PeerResult] {
    let network = try BenchNetwork(children: 1)
    try network.silence()
    let flood = try Flood()
    try network.takeFrames(of: flood)
    var results = peers.map { PeerResult($0) }
    for round in 0...rounds {
      var before = try burst(Self.pauses, flood, network).cost
      for index in peers.indices {
        let observed = try observe(peers[index], flood, network)
        let after = try burst(Self.pauses, flood, network).cost
        // The first round warms up.
        if round > 0 { results[index].append(observed, alone: (before + after) / 2) }
        before = after
      }
    }
    return results
  }

  private func observe(_ peer: Peer, _ flood: Flood, _ network: BenchNetwork) throws -> PeerRound {
    let running = try RunningPeer(
      peer, in: network.host, child: try network.firstChild(), files: files)
    try running.waitUntilReady()
    // A tool may say so just before.
    usleep(200_000)
    let sent = try flood.frames()
    let taken = running.processorTime
    let (cost, seconds) = try burst(Self.bursts, flood, network)
    let processor = (running.processorTime - taken) / seconds
    let resident = running.resident
    let frames = try flood.frames() - sent
    return PeerRound(
      cost: cost, processorShare: processor, resident: resident, sent: frames, counted: try running.finish(),
      rate: Double(frames) / seconds)
  }

  /// Nanoseconds of processor time that a frame takes on its way, and how many seconds all took.
  private func burst(_ count: Int, _ flood: Flood, _ network: BenchNetwork) throws -> (
    cost: Double, seconds: Double
  ) {
    let parent = network.parentIndex
    return try network.host.run {
      let start = ObservingProcess.now()
      let costs = try (0..<count).map { _ in try flood.send(into: parent) }
      return (Spread(costs).median, (ObservingProcess.now() - start) / 1e3)
    }
  }
}

/// One observation of a flood.
struct PeerRound {
  /// Nanoseconds of processor time for each frame, its whole way through the stack included.
  let cost: Double
  /// Of one CPU, while the flood ran.
  let processorShare: Double
  /// MiB at the flood's end; `nil` for what has no process.
  let resident: Double?
  let sent: UInt64
  /// `nil` when it did not say.
  let counted: UInt64?
  /// Frames per second.
  let rate: Double
}
