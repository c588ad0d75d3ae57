import BPF
import CLinux
import LinuxNamespaces
import Synchronization

/// Whether two CPUs that count at once hinder one another: frames per second of processor time of both, as a multiple of one's
/// alone.
struct TwoCoreBench {
  let rounds: Int

  private static let stations = Stations(count: 1024)
  /// Frames of a run, and runs of a measurement: some 50 ms.
  private static let repetitions = 100_000
  private static let runs = 6
  /// Measurements of one core and of two in a round, in turn: what else the machine does hinders some of them.
  private static let pairs = 7

  func run() throws -> [TwoCoreResult] {
    let bench = try HotPathBench(Self.stations)
    let lanes = try (0..<2).map { _ in try Lane(Self.stations) }
    var results = bench.subjects.map { TwoCoreResult(subject: $0.name) }
    for round in 0...rounds {
      for (index, subject) in bench.subjects.enumerated() {
        let ratios = try (0..<Self.pairs).map { _ in
          let alone = try Self.throughput(of: subject.program, on: Array(lanes.prefix(1)))
          return try Self.throughput(of: subject.program, on: lanes) / alone
        }
        // The first round warms up.
        if round > 0 { results[index].append(Spread(ratios).median) }
      }
    }
    return results
  }

  /// Frames per nanosecond of processor time, of all lanes together, each on a CPU of its own.
  private static func throughput(of program: Program, on lanes: [Lane]) throws -> Double {
    let sums = Mutex<[Result<Double, any Error>]>([])
    let threads = try lanes.enumerated().map { cpu, lane in
      try BackgroundThread {
        _ = clinux_stay_on_cpu(Int32(cpu))
        let rate = Result {
          let costs = try (0..<runs).map { _ in try lane.cost(of: program, repetitions: repetitions) }
          return 1 / Spread(costs).median
        }
        sums.withLock { $0.append(rate) }
      }
    }
    for thread in threads { thread.join() }
    return try sums.withLock { try $0.reduce(0) { try $0 + $1.get() } }
  }
}

/// What throughput two cores have together.
struct TwoCoreResult: Encodable {
  let subject: String
  /// As a multiple of one core's, by round.
  private(set) var ratio: [Double] = []

  init(subject: String) { self.subject = subject }

  mutating func append(_ value: Double) { ratio.append(value) }

  static func text(_ results: [TwoCoreResult]) -> String {
    var table = TextColumns(["", "x one core"])
    for result in results { table.append([result.subject, Spread(result.ratio).text(2)]) }
    return "Frames that two cores count at once, as a multiple of one; median (minimum-maximum)\n"
      + table.text
  }
}
