import ArgumentParser
import FoundationEssentials

/// Measures macvtrace beside what it is compared with. Every figure is a ratio of one run, its rounds interleaved.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "macvtrace-bench", abstract: "Measure macvtrace beside floors and peers (as root).")

  @Option(help: "Rounds of each measurement.") var rounds = 7
  @Option(help: "Where the figures go as JSON.") var output = "build/bench.json"

  private struct Figures: Encodable {
    var hotPath: [HotPathResult] = []
  }

  func run() throws {
    var figures = Figures()
    print("Counting one frame at one hook: nanoseconds added to nothing; median (minimum-maximum)")
    var table = TextColumns(["", "MACs", "ns", "x floor", "x PERCPU_HASH"])
    for stations: UInt32 in [8, 1024, 10240, 65536] {
      let result = try HotPathBench(stations: stations, rounds: rounds).run()
      figures.hotPath.append(result)
      for row in result.rows {
        table.append([
          row.subject, "\(stations)", row.added.text(1), row.timesFloor.text(1), row.timesHash.text(2),
        ])
      }
    }
    print(table.text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(figures).write(to: URL(filePath: output))
  }
}
