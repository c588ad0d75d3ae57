import ArgumentParser
import FoundationEssentials

/// Measures macvtrace beside what it is compared with. Every figure is a ratio of one run, its rounds interleaved.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "macvtrace-bench", abstract: "Measure macvtrace beside floors and peers (as root).")

  @Option(help: "Rounds of each measurement.") var rounds = 7
  @Option(help: "What to measure: hot-path, start-up, flood, arrival; all without it.") var part: [Part] = []
  @Option(help: "The command that is started.") var binary = "build/macvtrace"
  @Option(help: "Where the figures go as JSON.") var output = "build/bench.json"

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case hotPath = "hot-path"
    case startUp = "start-up"
    case flood
    case arrival
  }

  private struct Figures: Encodable {
    var hotPath: [HotPathResult] = []
    var startUp: [StartUpResult] = []
    var flood: FloodResult?
    var arrival: [ArrivalResult] = []
  }

  func run() throws {
    var figures = Figures()
    for part in part.isEmpty ? Part.allCases : part {
      switch part {
      case .hotPath: figures.hotPath = try hotPath()
      case .startUp: figures.startUp = try startUp()
      case .flood: figures.flood = try flood()
      case .arrival: figures.arrival = try arrival()
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(figures).write(to: URL(filePath: output))
  }

  private func hotPath() throws -> [HotPathResult] {
    var results: [HotPathResult] = []
    print("Counting one frame at one hook: nanoseconds added to nothing; median (minimum-maximum)")
    var table = TextColumns(["", "MACs", "ns", "x floor", "x PERCPU_HASH"])
    for stations: UInt32 in [8, 1024, 10240, 65536] {
      let result = try HotPathBench(stations: stations, rounds: rounds).run()
      results.append(result)
      for row in result.rows {
        table.append([
          row.subject, "\(stations)", row.added.text(1), row.timesFloor.text(1), row.timesHash.text(2),
        ])
      }
    }
    print(table.text)
    return results
  }

  private func startUp() throws -> [StartUpResult] {
    var results: [StartUpResult] = []
    print("Starting: milliseconds from exec until all hooks are attached; median (minimum-maximum)")
    var table = TextColumns(["", "children", "ms", "ms to stop", "peak MiB"])
    for children in [1, 10, 200, 500] {
      let result = try StartUpBench(children: children, rounds: rounds).run(binary)
      results.append(result)
      table.append([
        "attach", "\(children)", result.attached.text(0), result.stopped.text(0), result.peakMemory.text(0),
      ])
    }
    print(table.text)
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
    table.append(["peak MiB", "\(result.peakMemory.rounded())"])
    print(table.text)
    guard result.uncountedAtParent == 0, result.uncountedAtChild == 0 else {
      throw BenchError("the counters do not agree with the flood")
    }
    return result
  }
}
