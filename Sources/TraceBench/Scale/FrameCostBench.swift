import LinuxNamespaces
import BPF

/// What a frame to one child pays, by the number of children that are observed beside it: two networks side by side, one
/// child in the one and many in the other, flooded in turn, with and without `macvtrace attach`.
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
      // The first round warms up.
      if round > 0 { result.append(alone: alone, observed: observed, programs: programs) }
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
  let children: Int
  /// Nanoseconds of processor time for each frame through the whole stack, nobody observing, with one child and with
  /// many.
  private(set) var alone = [Spread([]), Spread([])]
  /// The same while it is observed.
  private(set) var observed = [Spread([]), Spread([])]
  /// Nanoseconds that our programs run for each frame, at the parent and at the child.
  private(set) var programs = [Spread([]), Spread([])]
  /// With many children as a multiple of with one, in the same round.
  private(set) var aloneRatio = Spread([])
  private(set) var observedRatio = Spread([])
  private(set) var programRatio = Spread([])
  /// What observing adds with many children, as a multiple of what it adds with one.
  private(set) var addedRatio = Spread([])

  private var rounds: [[[Double]]] = []

  enum CodingKeys: CodingKey {
    case children, alone, observed, programs, aloneRatio, observedRatio, programRatio, addedRatio
  }

  init(children: Int) { self.children = children }

  mutating func append(alone: [Double], observed: [Double], programs: [Double]) {
    rounds.append([alone, observed, programs])
    let all = rounds
    let spreads = { (kind: Int) in (0..<2).map { size in Spread(all.map { $0[kind][size] }) } }
    let ratio = { (kind: Int) in Spread(all.map { $0[kind][1] / $0[kind][0] }) }
    (self.alone, self.observed, self.programs) = (spreads(0), spreads(1), spreads(2))
    (aloneRatio, observedRatio, programRatio) = (ratio(0), ratio(1), ratio(2))
    addedRatio = Spread(all.map { ($0[1][1] - $0[0][1]) / ($0[1][0] - $0[0][0]) })
  }
}
