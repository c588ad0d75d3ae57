import BPF

/// Runs one program after the other on a frame that is another one each time, by BPF_PROG_TEST_RUN. Several lanes, on several
/// threads, share nothing but the programs that they run.
struct Lane: Sendable {
  private let vary: Program
  private let subjects: Map

  static let object = "build/bpf/bench/hot_path.bpf.o"

  /// - Parameter loaded: that object.
  init(_ loaded: borrowing LoadedObject) throws {
    vary = try loaded.program("vary")
    subjects = try loaded.map("subjects")
  }

  /// Loads the object anew.
  init(_ stations: Stations) throws {
    try self.init(try Self.load(stations))
  }

  /// The object itself, for whoever wants its other programs, too.
  static func load(_ stations: Stations) throws -> LoadedObject {
    let object = try BenchObject.open(Self.object)
    try object.setGlobal("station_count", to: stations.count)
    try object.setGlobal("stations_scattered", to: stations.scattered ? 1 : 0 as UInt8)
    try object.setGlobal("stations_receive", to: stations.receive ? 1 : 0 as UInt8)
    try object.setMaxEntries(map: "entries", stations.count)
    return try object.load()
  }

  /// Nanoseconds of processor time of one run, the varying of the frame included.
  func cost(of program: Program, frame: [UInt8] = HotPathBench.frame, repetitions: Int) throws -> Double {
    try subjects.set(0, to: program)
    let start = Flood.threadTime()
    let outcome = try vary.testRun(packet: frame, repetitions: repetitions)
    let cost = Double(Flood.threadTime() - start) / Double(repetitions)
    guard Int32(bitPattern: outcome.returnValue) == -1 else {
      throw BenchError("\(program.name) did not run")
    }
    return cost
  }
}
