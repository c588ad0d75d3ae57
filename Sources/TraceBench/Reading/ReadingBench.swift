import BPF
import TraceCapture
import TraceDiagnosis
import TraceModel
import TraceReport

/// How fast records become values, values trajectories, and trajectories a report: frames that pass two hooks, all of them
/// recorded.
struct ReadingBench {
  /// Records in all: a power of two, 131072 or more.
  let records: Int

  /// Frames of one pass: as many as IPv4 has identifications, so that the next pass has the same packets.
  private static let pass = 65_536
  /// Takes the records of two passes.
  private static let ringSize: UInt32 = 64 << 20

  private let lane: Lane
  private let hooks: [Program]
  private let ring: RingBuffer
  private let programs: FramePrograms
  private let registry: HookRegistry
  private static let parent = InterfaceID(namespace: 1, ifindex: 1)

  init(records: Int) throws {
    self.records = records
    lane = try Lane(stations: 1024)
    var options = CaptureOptions()
    options.budget = options.budget.map { _ in .max }
    options.samplingMask = 0
    options.ringSize = Self.ringSize
    programs = try FramePrograms(options: options, preemptible: false)
    var registry = HookRegistry()
    guard let hook = registry.ingressHook(Self.parent) else { throw BenchError("no hook number") }
    hooks = [try programs.forLink(hook, .ingress), try programs.forLink(hook + 1, .egress)]
    self.registry = registry
    ring = try RingBuffer(programs.maps.records)
  }

  func run(rounds: Int) throws -> ReadingResult {
    var result = ReadingResult(records: records)
    for _ in 0..<rounds {
      let reader = RecordReader(ring: ring, retention: 2 * records)
      reader.use(registry)
      var reading: UInt64 = 0
      for batch in 0..<(records / (2 * Self.pass)) {
        try fill(batch)
        let start = Flood.threadTime()
        guard reader.catchUp() else { throw BenchError("records that are never finished") }
        reading += Flood.threadTime() - start
      }
      let sightings = reader.records().sightings
      guard sightings.count == records else {
        throw BenchError("\(sightings.count) of \(records) records were read")
      }
      let start = Flood.threadTime()
      let trajectories = TrajectoryJoiner.join(sightings, [])
      let joining = Flood.threadTime() - start
      let joined = trajectories.reduce(0) { $0 + $1.sightings.count }
      guard joined == records, trajectories.count >= records / 2 else {
        throw BenchError("\(trajectories.count) trajectories hold \(joined) of \(records) sightings")
      }
      result.append(reading: reading, joining: joining, report: try report(sightings))
    }
    return result
  }

  /// Sends one pass through each hook.
  private func fill(_ batch: Int) throws {
    var frame = HotPathBench.frame
    frame[HotPathBench.sourcePort] = UInt8(truncatingIfNeeded: batch)
    for hook in hooks {
      _ = try lane.cost(of: hook, frame: frame, repetitions: Self.pass)
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
