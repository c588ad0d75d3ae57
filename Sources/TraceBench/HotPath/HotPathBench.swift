import BPF
import TraceCapture
import TraceModel

/// What counting one frame costs, in nanoseconds, beside floors and a kernel hash map: the programs run on the same
/// frame, in turn, by BPF_PROG_TEST_RUN.
struct HotPathBench {
  /// Whose MACs are in the frames.
  let stations: Stations

  private let lane: Lane
  /// Nothing, the floors (see `HotPathResult`), the kernel's hash map, counting, counting and sightings.
  let subjects: [Subject]

  /// How often everything is loaded anew in a round, whose cost is the mean of all loads: where in a cache line the kernel
  /// puts a program, at random, moves its cost by a nanosecond or two, the floor's and that of doing nothing, too.
  private static let loads = 5
  /// Runs of each subject after a load, in turn. Its cost is the median of what a run costs more than that of the first
  /// subject just before: the machine's own speed changes by a third within a second.
  private static let slices = 5

  /// Frames of a run: so many that what other subjects have left in the caches does not count.
  private var repetitions: Int { max(200_000, 8 * Int(stations.count)) }

  /// Loads every subject.
  init(_ stations: Stations) throws {
    self.stations = stations
    let loaded = try Lane.load(stations)
    lane = try Lane(loaded)
    let counting = try Observer(stations, sightings: false)
    let sighting = try Observer(stations, sightings: true)
    subjects = [
      Subject(name: "nothing", program: try loaded.program("nothing")),
      Subject(name: "floor: parse, array of counters", program: try loaded.program("array_counters")),
      Subject(name: "floor of one key: parse, a counter", program: try loaded.program("array_counter")),
      Subject(name: "PERCPU_HASH, same key", program: try loaded.program("percpu_hash")),
      Subject(name: "macvtrace, counting", program: counting.program, counted: counting.counted),
      Subject(
        name: "macvtrace, counting and sightings", program: sighting.program, counted: sighting.counted),
    ]
  }

  /// Measures every subject in each round, in turn.
  static func run(_ stations: Stations, rounds: Int) throws -> HotPathResult {
    let (names, added) = try added(rounds: rounds) { [try HotPathBench(stations)] }
    return HotPathResult(stations, names: names, added: added[0])
  }

  /// The names of the subjects, and nanoseconds that a frame costs more than with the first one, which does nothing: by
  /// bench, subject and round.
  ///
  /// - Parameter load: loads the benches anew.
  static func added(rounds: Int, by load: () throws -> [HotPathBench]) throws -> (
    names: [String], costs: [[[Double]]]
  ) {
    var names: [String] = []
    var added: [[[Double]]] = []
    for _ in 0..<rounds {
      var costs: [[[Double]]] = []
      for _ in 0..<loads {
        let benches = try load()
        names = benches.first?.subjects.map(\.name) ?? []
        costs.append(try differences(benches))
      }
      if added.isEmpty { added = costs[0].map { [[Double]](repeating: [], count: $0.count) } }
      for number in added.indices {
        for index in added[number].indices {
          let mean = costs.map { $0[number][index] }.reduce(0, +) / Double(costs.count)
          added[number][index].append(max(mean, 0.05))
        }
      }
    }
    return (names, added)
  }

  /// What a frame costs more with each subject than with the first, in nanoseconds, by bench and subject: all in turn.
  private static func differences(_ benches: [HotPathBench]) throws -> [[Double]] {
    for bench in benches { try bench.warmUp() }
    let before = try benches.map { try $0.subjects.map { try $0.counted() } }
    var slices = benches.map { [[Double]](repeating: [], count: $0.subjects.count) }
    for _ in 0..<Self.slices {
      for (number, bench) in benches.enumerated() {
        for index in bench.subjects.indices { slices[number][index].append(try bench.cost(of: index)) }
      }
    }
    for (bench, before) in zip(benches, before) { try bench.check(before) }
    return slices.map { subjects in
      subjects.map { costs in Spread(zip(costs, subjects[0]).map { $0 - $1 }).median }
    }
  }

  private func warmUp() throws {
    for index in subjects.indices { _ = try cost(of: index) }
  }

  /// Whether each subject that counts has counted every frame since the warming up.
  private func check(_ before: [UInt64?]) throws {
    for (subject, before) in zip(subjects, before) {
      let due = UInt64(Self.slices * repetitions)
      if let before, let after = try subject.counted(), after - before != due {
        throw BenchError("\(subject.name) counted \(after - before) of \(due) frames")
      }
    }
  }

  /// Nanoseconds of one run, the varying of the frame included.
  private func cost(of index: Int) throws -> Double {
    try lane.cost(of: subjects[index].program, repetitions: repetitions)
  }

  /// macvtrace's own program at one hook, as a capture loads it.
  private struct Observer {
    let program: Program
    private let programs: FramePrograms
    private let table: CounterTable
    private let registry: HookRegistry

    init(_ stations: Stations, sightings: Bool) throws {
      var options = CaptureOptions()
      options.sightings = sightings
      programs = try FramePrograms(options: options, preemptible: false)
      var registry = HookRegistry()
      guard let hook = registry.ingressHook(InterfaceID(namespace: 1, ifindex: 1)) else {
        throw BenchError("no hook number")
      }
      program = try stations.receive ? programs.forLink(hook + 1, .egress) : programs.forLink(hook, .ingress)
      table = try CounterTable(counters: programs.maps.counters, overflows: programs.maps.overflows)
      self.registry = registry
    }

    func counted() -> UInt64? { table.read(registry).counters.reduce(0) { $0 + $1.frames } }
  }

  /// Where the low octet of the frame's source port stands.
  static let sourcePort = 35

  /// UDP in IPv4 of 64 octets: an ordinary frame.
  static let frame: [UInt8] = {
    let macs: [UInt8] = [0x02, 0, 0, 0, 0, 0x0a, 0x02, 0, 0, 0, 0, 0x0b]
    let network: [UInt8] = [8, 0, 0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17, 0, 0, 172, 22, 16, 2, 172, 22, 16, 10]
    let transport: [UInt8] = [0x30, 0x39, 0, 9, 0, 30, 0, 0]
    return macs + network + transport + [UInt8](repeating: 0xaa, count: 22)
  }()
}
