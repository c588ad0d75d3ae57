import LinuxNamespaces
import BPF

/// What a frame to one child pays, by the number of children that are observed beside it: two networks side by side, one
/// child in the one and many in the other, flooded in turn, with and without `macvtrace attach`.
///
/// One child is attached by links, many by filters, which take less time to attach and more for each frame: so all are
/// observed once by filters, too, which leaves the number as the only difference.
struct FrameCostBench {
  let children: Int
  let rounds: Int

  /// A round's cost is the median of as many bursts of each network, in turn: the machine's speed drifts.
  private static let slices = 9

  func run(_ binary: String) throws -> FrameCostResult {
    let networks = [
      try BenchNetwork(children: 1, label: "one"), try BenchNetwork(children: children, label: "many"),
    ]
    let floods = try networks.map { _ in try Flood() }
    var result = FrameCostResult(children: children)
    for round in 0...rounds {
      let alone = try costs(networks, floods)
      let processes = try networks.map { try ObservingProcess(binary, in: $0.host) }
      let observed = try costs(networks, floods)
      let programs = try programCosts(networks, floods, processes)
      for process in processes { try process.stop() }
      let filtering = try networks.map {
        try ObservingProcess(binary, ["--mechanism", "clsact"], in: $0.host)
      }
      let filtered = try costs(networks, floods)
      for process in filtering { try process.stop() }
      // The first round warms up.
      guard round > 0 else { continue }
      result.append(
        FrameCostResult.Round(alone: alone, observed: observed, filtered: filtered, programs: programs))
    }
    return result
  }

  /// Nanoseconds of processor time for each frame, in each network.
  private func costs(_ networks: [BenchNetwork], _ floods: [Flood]) throws -> [Double] {
    var slices = [[Double]](repeating: [], count: networks.count)
    for _ in 0..<Self.slices {
      for (index, network) in networks.enumerated() {
        let (flood, parent) = (floods[index], network.parentIndex)
        slices[index].append(try network.host.run { try flood.send(into: parent) })
      }
    }
    return slices.map { Spread($0).median }
  }

  /// Nanoseconds that our programs run for each frame, in each network, as the kernel measures it (BPF_ENABLE_STATS, whose
  /// own cost is in both).
  private func programCosts(
    _ networks: [BenchNetwork], _ floods: [Flood], _ processes: [ObservingProcess]
  ) throws -> [Double] {
    let statistics = try Program.enableStatistics()
    defer { withExtendedLifetime(statistics) {} }
    let before = try processes.map { try KernelObjects(of: $0.pid).nanoseconds }
    let sent = try floods.map { try $0.frames() }
    _ = try costs(networks, floods)
    return try networks.indices.map { index in
      let frames = try floods[index].frames() - sent[index]
      let nanoseconds = try KernelObjects(of: processes[index].pid).nanoseconds - before[index]
      return Double(nanoseconds) / Double(frames)
    }
  }
}

/// What a frame paid with one child and with many.
struct FrameCostResult: Encodable {
  /// Nanoseconds for each frame, with one child and with many.
  struct Round: Encodable {
    /// Of processor time through the whole stack, nobody observing.
    let alone: [Double]
    /// The same while it is observed.
    let observed: [Double]
    /// The same while it is observed by filters alone.
    let filtered: [Double]
    /// That our programs run, at the parent and at the child, as the kernel measures it.
    let programs: [Double]
  }

  let children: Int
  private(set) var rounds: [Round] = []

  init(children: Int) { self.children = children }

  mutating func append(_ round: Round) { rounds.append(round) }

  /// With one child and with many.
  func spreads(_ kind: KeyPath<Round, [Double]>) -> [Spread] {
    (0..<2).map { size in Spread(rounds.map { $0[keyPath: kind][size] }) }
  }

  /// With many children as a multiple of with one, in the same round.
  func ratio(_ kind: KeyPath<Round, [Double]>) -> Spread {
    Spread(rounds.map { $0[keyPath: kind][1] / $0[keyPath: kind][0] })
  }

  /// What observing adds with many children, as a multiple of what it adds with one.
  func added(_ kind: KeyPath<Round, [Double]>) -> Spread {
    Spread(
      rounds.map { ($0[keyPath: kind][1] - $0.alone[1]) / ($0[keyPath: kind][0] - $0.alone[0]) })
  }
}
