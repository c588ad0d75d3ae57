import SystemPackage
import TraceCapture
import TraceLab
import TraceMeasurement
import TraceModel

/// Puts stations, loads and observation together.
struct MeasurementRun {
  let options: MeasurementOptions
  let iperf: Iperf
  let control: LoadControl

  private var information: ToolInformation { Tool.information("measure") }

  /// `macvtrace measure A B`
  func measure(_ pair: MeasuredPair) throws -> PathMeasurement {
    let start = Instant.now()
    let runner = try runner(pair)
    var notes = pair.notes
    var seen: (hops: [HopLatency], observations: [Observation]) = ([], [])
    Console.complain("hook by hook")
    do {
      seen = try pair.hops(runner)
    } catch {
      notes.append("not looked at hook by hook: \(error)")
    }
    let environment = pair.environment(seen.observations)
    let name = "\(pair.from.label) to \(pair.to.label)"
    var series = LoadSeries(
      [LoadCandidate(name, runner)], Load.measuring(options), rounds: options.rounds, control)
    try series.run()
    var path = series.paths[0]
    path.hops = seen.hops
    return PathMeasurement(
      tool: information, host: Tool.host(), window: start.window(to: Instant.now()), options: options,
      environment: environment, from: pair.from.label, to: pair.to.label, path: path,
      isComplete: series.isComplete, notes: notes + series.failures + MeasurementNotes.measuring)
  }

  /// `macvtrace measure --overhead A B`
  func overhead(_ pair: MeasuredPair) throws -> Comparison {
    let start = Instant.now()
    let runner = try runner(pair)
    guard !pair.parents.isEmpty else {
      throw MeasurementError("macvtrace can be attached nowhere on this path: \(pair.notes.joined())")
    }
    // Once before anything is measured: what fails then fails always.
    let first = try pair.observing {}
    let environment = pair.environment(first.observations)
    var series = LoadSeries(
      [
        LoadCandidate("alone", runner),
        LoadCandidate("attached", runner) { body in _ = try pair.observing { try body() } },
      ], Load.comparing(options), rounds: options.rounds, control)
    try series.run()
    var notes = pair.notes + series.failures
    var programs: [Comparison.ProgramCost] = []
    if series.isComplete {
      do {
        programs = try programCosts(pair, runner)
      } catch {
        notes.append("what the programs cost by the kernel's statistics is not known: \(error)")
      }
    }
    return Comparison(
      .overhead, tool: information, host: Tool.host(), window: start.window(to: Instant.now()),
      options: options, environment: environment, baseline: "alone", paths: series.paths,
      isComplete: series.isComplete, programs: programs, notes: notes + MeasurementNotes.overhead)
  }

  private func programCosts(_ pair: MeasuredPair, _ runner: LoadRunner) throws -> [Comparison.ProgramCost] {
    Console.complain("nanoseconds by hook, from the kernel's statistics")
    let statistics = try ProgramStatistics()
    let size = options.sizes.min() ?? 64
    let runs = try withExtendedLifetime(statistics) {
      try pair.observing { try runner.flood(size: size) }.runs
    }
    return runs.filter { $0.runs > 0 }.map {
      Comparison.ProgramCost(
        hooks: $0.hooks, program: $0.program, runs: $0.runs,
        nanosecondsPerRun: Double($0.nanoseconds) / Double($0.runs))
    }
  }

  /// `macvtrace measure --compare KINDS`
  func compare(_ kinds: [WayKind]) throws -> Comparison {
    let start = Instant.now()
    var candidates: [LoadCandidate] = []
    var missing: [MeasuredPath] = []
    var environment = EnvironmentReading.now()
    for kind in kinds {
      do {
        let way = try ScratchWay(kind)
        let runner = LoadRunner(
          from: LoadSource(namespace: way.near.namespace, address: way.near.address),
          to: LocalFarEnd(way.far.address, in: way.far.namespace, iperf), iperf, options, control)
        try runner.checkReach("\(kind.rawValue) A", "\(kind.rawValue) B")
        environment.interfaces += try InterfaceReading.read(nil, in: way.near.namespace, kind.rawValue)
        candidates.append(
          LoadCandidate(kind.rawValue, runner) { body in try withExtendedLifetime(way, body) })
      } catch let error as LabError where error.errno == .notSupported {
        missing.append(MeasuredPath(kind.rawValue, missing: "this kernel lacks it"))
        Console.complain("\(kind.rawValue): this kernel lacks it")
      }
    }
    guard let baseline = candidates.first(where: { $0.name == WayKind.macvlan.rawValue }) ?? candidates.first
    else { throw LabError(missing: kinds.map(\.rawValue)) }
    var series = LoadSeries(
      candidates, Load.comparing(options), rounds: options.rounds, control)
    try series.run()
    return Comparison(
      .ways, tool: information, host: Tool.host(), window: start.window(to: Instant.now()), options: options,
      environment: environment, baseline: baseline.name, paths: series.paths + missing,
      isComplete: series.isComplete, notes: series.failures + MeasurementNotes.ways)
  }

  private func runner(_ pair: MeasuredPair) throws -> LoadRunner {
    let runner = LoadRunner(from: pair.source, to: pair.far, iperf, options, control)
    try runner.checkReach(pair.from.label, pair.to.label)
    return runner
  }
}
