import BPF
import TraceCapture
import TraceDiagnosis
import TraceModel
import TraceReport

/// How fast records become values, values trajectories, and trajectories a report: frames that pass two hooks, all of them
/// recorded.
struct ReadingBench {
  /// Records in all: a multiple of 131072.
  let records: Int

  /// Frames that pass one hook, then the other: about as many as a capture finds at a look in a flood.
  private static let batch = 8192
  /// Frames that have different identifications of IPv4.
  private static let identifications = 65_536
  private static let retention = CaptureOptions().retention
  /// A round's cost is the least of as many runs: whoever else runs on the machine only adds.
  private static let runs = 3

  private let hooks: [Program]
  /// One for each hook, so that both see the same packets.
  private let lanes: [Lane]
  private let ring: RingBuffer
  private let programs: FramePrograms
  private let registry: HookRegistry
  private static let parent = InterfaceID(namespace: 1, ifindex: 1)

  init(records: Int) throws {
    self.records = records
    var options = CaptureOptions()
    options.budget = options.budget.map { _ in .max }
    options.samplingMask = 0
    programs = try FramePrograms(options: options, preemptible: false)
    var registry = HookRegistry()
    guard let hook = registry.ingressHook(Self.parent) else { throw BenchError("no hook number") }
    hooks = [try programs.forLink(hook, .ingress), try programs.forLink(hook + 1, .egress)]
    lanes = try hooks.map { _ in try Lane(Stations(count: 1024)) }
    self.registry = registry
    ring = try RingBuffer(programs.maps.records)
  }

  func run(rounds: Int) throws -> ReadingResult {
    var result = ReadingResult(records: records, retention: Self.retention)
    for _ in 0..<rounds {
      let latest = try least(keeping: Self.retention)
      let all = try least(keeping: records)
      result.append(latest: latest.cost, all: all.cost, report: try report(all.sightings))
    }
    return result
  }

  /// The run that cost least.
  private func least(keeping retention: Int) throws -> (cost: ReadingCost, sightings: [Sighting]) {
    var best = try read(keeping: retention)
    for _ in 1..<Self.runs {
      let next = try read(keeping: retention)
      if next.cost.both < best.cost.both { best = next }
    }
    return best
  }

  /// Reads all records as a capture does, a batch at a time, and joins those that were kept.
  private func read(keeping retention: Int) throws -> (cost: ReadingCost, sightings: [Sighting]) {
    let reader = RecordReader(ring: ring, retention: retention)
    reader.use(registry)
    var draining: UInt64 = 0
    for batch in 0..<(records / (2 * Self.batch)) {
      try fill(batch)
      let start = Flood.threadTime()
      guard reader.catchUp() else { throw BenchError("records that are never finished") }
      draining += Flood.threadTime() - start
    }
    let read = reader.records()
    let start = Flood.threadTime()
    let sightings = read.sightings
    let ordered = Flood.threadTime()
    let trajectories = TrajectoryJoiner.join(sightings, [])
    let joined = Flood.threadTime()

    guard sightings.count == min(retention, records), sightings.count + Int(read.forgotten) == records else {
      throw BenchError("\(sightings.count) of \(records) records were kept and \(read.forgotten) forgotten")
    }
    let inTrajectories = trajectories.reduce(0) { $0 + $1.sightings.count }
    guard inTrajectories == sightings.count, trajectories.count >= sightings.count / 2 else {
      throw BenchError(
        "\(trajectories.count) trajectories hold \(inTrajectories) of \(sightings.count) sightings")
    }
    let kept = Double(sightings.count)
    let cost = ReadingCost(
      reading: Double(draining) / Double(records) + Double(ordered - start) / kept,
      joining: Double(joined - ordered) / kept)
    return (cost, sightings)
  }

  /// Sends a batch through each hook.
  private func fill(_ batch: Int) throws {
    var frame = HotPathBench.frame
    frame[HotPathBench.sourcePort] = UInt8(truncatingIfNeeded: batch * Self.batch / Self.identifications)
    for (hook, lane) in zip(hooks, lanes) {
      _ = try lane.cost(of: hook, frame: frame, repetitions: Self.batch)
    }
  }

  /// Nanoseconds from the observation to the finished JSON.
  private func report(_ sightings: [Sighting]) throws -> UInt64 {
    let start = Flood.threadTime()
    let parent = Interface(id: Self.parent, name: BenchNetwork.parent, namespace: "host", kind: .parent)
    let topology = Topology(parent: Self.parent, interfaces: [parent], namespaces: [])
    var observation = Observation(
      tool: ToolInformation(version: "bench", command: "attach"), host: HostInformation(name: "", kernel: ""),
      window: ObservationWindow(start: "", end: "", seconds: 1, monotonicEnd: sightings.last?.time ?? 0),
      before: topology, after: topology)
    observation.sightings = sightings
    let judged = Diagnosis.evaluate(observation)
    let report = Report(of: observation, findings: judged.findings, notEvaluated: judged.notEvaluated)
    guard try !JSONReport.render(report).isEmpty else { throw BenchError("an empty report") }
    return Flood.threadTime() - start
  }
}
