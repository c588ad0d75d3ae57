import ArgumentParser
import FoundationEssentials

/// Measures macvtrace beside what it is compared with. Every figure is a ratio of one run, its rounds interleaved.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "macvtrace-bench", abstract: "Measure macvtrace beside floors and peers (as root).")

  @Option(help: "Rounds of each measurement.") var rounds = 7
  @Option(
    help:
      "What to measure: hot-path, start-up, scale, flood, arrival, peers, harm, commands, cores, reading; all without it."
  )
  var part: [Part] = []
  @Option(help: "Numbers of children for start-up; the largest is that of scale.")
  var children = [1, 10, 100, 500]
  @Option(help: "Numbers of stations for scale, the fewest and the most.")
  var stations: [UInt32] = [1024, 65536]
  @Option(help: "The command that is started.") var binary = "build/macvtrace"
  @Option(help: "Where the figures go as JSON.") var output = "build/bench.json"

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case hotPath = "hot-path"
    case startUp = "start-up"
    case scale
    case flood
    case arrival
    case peers
    case harm
    case commands
    case cores
    case reading
  }

  func run() throws {
    var figures = Figures()
    for part in part.isEmpty ? Part.allCases : part {
      switch part {
      case .hotPath: figures.hotPath = try hotPath()
      case .startUp: figures.startUp = try startUp()
      case .scale:
        figures.frameCost = try frameCost()
        figures.stationCost = try stationCost()
        figures.stationMemory = try stationMemory()
      case .flood: figures.flood = try flood()
      case .arrival: figures.arrival = try arrival()
      case .peers: (figures.peers, figures.firstFrame) = try peers()
      case .harm: figures.harm = try harm()
      case .commands:
        figures.commands = try CommandBench(rounds: 3 * rounds).run(binary)
        print(CommandResult.text(figures.commands))
      case .cores:
        figures.cores = try TwoCoreBench(rounds: rounds).run()
        print(TwoCoreResult.text(figures.cores))
      case .reading:
        let result = try ReadingBench(records: 1 << 20).run(rounds: (rounds + 1) / 2)
        print(result.text)
        figures.reading = result
      }
    }
    figures.goals = figures.judged()
    print(Goal.text(figures.goals))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(figures).write(to: URL(filePath: output))
  }

  private func hotPath() throws -> [HotPathResult] {
    var results: [HotPathResult] = []
    print("Counting one frame at one hook: nanoseconds added to nothing; median (minimum-maximum)")
    var table = TextColumns(["", "MACs", "ns", "x floor", "x floor of one", "x PERCPU_HASH"])
    let inTurn = [8, 1024, 10240, 65536].map { Stations(count: $0) }
    let receiving = [10240, 65536].map { Stations(count: $0, receive: true) }
    let scattered = [1024, 10240, 65536].map { Stations(count: $0, scattered: true) }
    for stations in inTurn + receiving + scattered {
      let result = try HotPathBench.run(stations, rounds: rounds)
      results.append(result)
      for row in result.rows {
        table.append([
          row.subject, stations.label, row.added.text(1), row.timesFloor.text(2), row.timesFloorOfOne.text(2),
          row.timesHash.text(2),
        ])
      }
    }
    print(table.text)
    return results
  }

  private func startUp() throws -> [StartUpResult] {
    var results: [StartUpResult] = []
    print(
      "Starting and stopping: milliseconds from exec until all hooks are attached and count, from SIGINT until the "
        + "process is gone, and from exec after kill -9; MiB; median (minimum-maximum)")
    var table = TextColumns([
      "children", "ms to attach", "ms to stop", "ms after kill -9", "resident", "peak", "maps", "programs",
    ])
    for children in children {
      let result = try StartUpBench(children: children, rounds: rounds).run(binary)
      results.append(result)
      table.append(
        ["\(children)"]
          + [result.attached, result.stopped, result.attachedAfterKill].map { $0.text(0) }
          + [result.resident, result.peakMemory, result.mapMemory, result.programMemory].map { $0.text(1) })
    }
    print(table.text)
    return results
  }

  private func frameCost() throws -> FrameCostResult {
    let result = try FrameCostBench(children: children.max() ?? 1, rounds: rounds).run(binary)
    print("A frame to one child: nanoseconds with one child and with many, and how many times; median")
    var table = TextColumns(["", "1 child", "\(result.children) children", "x"])
    for (name, kind) in [
      ("the whole stack, nobody observing", \FrameCostResult.Round.alone),
      ("the whole stack, observed", \.observed), ("the whole stack, observed by filters alone", \.filtered),
      ("our programs alone, by the kernel's clock", \.programs),
    ] {
      table.append([name] + result.spreads(kind).map { $0.text(1) } + [result.ratio(kind).text(2)])
    }
    print(table.text)
    return result
  }

  private func stationCost() throws -> StationCostResult {
    let few = stations.min() ?? 1024
    let many = stations.max() ?? few
    let result = try StationCostResult(few: few, many: many, rounds: rounds)
    print(
      "Counting one frame at one hook: nanoseconds added with few and with many stations, and how many times")
    var table = TextColumns(["", "\(few) MACs", "\(many) MACs", "x"])
    for row in result.rows {
      table.append([row.subject, row.few.text(1), row.many.text(1), row.ratio.text(2)])
    }
    print(table.text)
    return result
  }

  private func stationMemory() throws -> [StationMemoryResult] {
    print("Memory of a capture by its stations: MiB")
    var table = TextColumns(["MACs", "resident", "peak, with the report", "ms to stop"])
    let sizes = Set(stations).sorted()
    let results = try sizes.map { try StationMemoryBench(stations: $0).run(binary) }
    for result in results {
      let numbers = [result.resident, result.peak].map { "\(($0 * 10).rounded() / 10)" }
      table.append(["\(result.stations)"] + numbers + ["\(Int(result.stopped))"])
    }
    print(table.text)
    if let few = results.first, let many = results.last, many.stations > few.stations {
      let thousands = Double(many.stations - few.stations) / 1024
      let growth = [(many.resident - few.resident) / thousands, (many.peak - few.peak) / thousands]
        .map { "\(Int(($0 * 1024).rounded())) KiB" }
      print("Each further 1024 MACs: \(growth[0]) while it observes, \(growth[1]) with the report\n")
    }
    return results
  }

  private func arrival() throws -> [ArrivalResult] {
    print("A child appears while attach observes: milliseconds from its creation to its first counted frame")
    var table = TextColumns(["children there", "created", "median", "99 %", "maximum", "missed in 250 ms"])
    let results = try [1, 100].map { try ArrivalBench(children: 200, crowd: $0).run(binary) }
    for result in results {
      let times = [result.median, result.percentile99, result.maximum].map { "\(($0 * 10).rounded() / 10)" }
      table.append(["\(result.crowd)", "\(result.children)"] + times + ["\(result.missed)"])
    }
    print(table.text)
    return results
  }

  private func peers() throws -> ([PeerResult], [FirstFrameResult]) {
    let folder = try ScratchFolder()
    let peers = [Peer.floor] + Peer.macvtrace(binary) + Peer.others(files: folder.path)
    let here = peers.filter(\.isInstalled)
    let results = try PeerBench(peers: here, rounds: rounds, files: folder.path).run()
    let times = try FirstFrameBench(
      peers: here.filter(\.counts), rounds: (rounds + 1) / 2, files: folder.path
    ).run()
    print(PeerTable(results, times, missing: peers.filter { !$0.isInstalled }).text)
    return (results, times)
  }

  private func harm() throws -> [HarmResult] {
    let folder = try ScratchFolder()
    let peers = ([Peer.floor] + Peer.macvtrace(binary) + Peer.others(files: folder.path)).filter(
      \.isInstalled)
    let results = try HarmBench(peers: peers, rounds: rounds, files: folder.path).run()
    print(HarmResult.text(results))
    return results
  }

  private func flood() throws -> FloodResult {
    let result = try FloodBench(seconds: 10).run(binary)
    print("A flood to a child, handed to the stack by one CPU while attach observes")
    var table = TextColumns(["", ""])
    table.append(["frames", "\(result.frames)"])
    table.append(["frames/s", "\(Int(result.rate))"])
    table.append([
      "uncounted at parent, at child", "\(result.uncountedAtParent), \(result.uncountedAtChild)",
    ])
    table.append(["records not made, said in the report", "\(result.loss.sightingsDropped)"])
    table.append(["frames that sampling left out, said in the report", "\(result.loss.sampledOut)"])
    table.append([
      "processor time of the process, % of one CPU",
      "\((result.processorShare * 1000).rounded() / 10)",
    ])
    table.append(["while the flood ran", "\((result.observingShare * 1000).rounded() / 10)"])
    table.append(["peak MiB", "\(result.peakMemory.rounded())"])
    print(table.text)
    guard result.uncountedAtParent == 0, result.uncountedAtChild == 0 else {
      throw BenchError("the counters do not agree with the flood")
    }
    return result
  }
}
