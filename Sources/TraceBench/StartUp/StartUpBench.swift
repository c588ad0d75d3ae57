import FoundationEssentials
import Glibc
import NetworkAddresses

/// How long it takes until every hook is attached, and is gone again, and how much memory that holds.
struct StartUpBench {
  let children: Int
  let rounds: Int

  func run(_ binary: String) throws -> StartUpResult {
    let network = try BenchNetwork(children: children)
    let file = "build/bench-start-up-\(getpid()).json"
    defer { unlink(file) }
    var result = StartUpResult(children: children)
    var rounds: [Round] = []
    for _ in 0..<self.rounds {
      var round = Round()
      let process = try ObservingProcess.run(binary, report: file, in: network.host) {
        round.memory = try ProcessMemory(of: $0.pid)
        round.objects = try KernelObjects(of: $0.pid)
        // A frame for each child: that all hooks are attached is true when all of them count it.
        try network.broadcast()
      }
      try check(file)
      round.process = process
      try ObservingProcess(binary, in: network.host).kill()
      round.afterKill = try ObservingProcess.run(binary, in: network.host)
      rounds.append(round)
    }
    result.attached = Spread(rounds.compactMap { $0.process?.attached })
    result.stopped = Spread(rounds.compactMap { $0.process?.stopped })
    result.attachedAfterKill = Spread(rounds.compactMap { $0.afterKill?.attached })
    result.resident = Spread(rounds.compactMap { $0.memory?.resident })
    result.peakMemory = Spread(rounds.compactMap { $0.process?.peakMemory })
    result.mapMemory = Spread(rounds.compactMap { $0.objects?.mapMemory })
    result.programMemory = Spread(rounds.compactMap { $0.objects?.programMemory })
    return result
  }

  private struct Round {
    var process: ObservingProcess?
    var afterKill: ObservingProcess?
    var memory: ProcessMemory?
    var objects: KernelObjects?
  }

  /// Whether every child counted the frame that it got once the command had said that all hooks are attached.
  private func check(_ file: String) throws {
    let report = try JSONDecoder().decode(ObservedReport.self, from: Data(contentsOf: URL(filePath: file)))
    let ids = Set(report.interfaces.filter { $0.kind == "macvlan" }.map(\.id))
    let counted = Set(
      report.counters.filter {
        $0.direction == "ingress" && $0.source == BenchNetwork.sender.description && $0.frames > 0
      }.map(\.interface))
    guard ids.count == children, ids.isSubset(of: counted) else {
      throw BenchError("\(counted.intersection(ids).count) of \(children) children counted a frame for all")
    }
  }
}

/// What starting took with one number of children.
struct StartUpResult: Encodable {
  let children: Int
  /// Milliseconds from exec until all hooks are attached.
  var attached = Spread([])
  /// Milliseconds from SIGINT until the process is gone.
  var stopped = Spread([])
  /// Milliseconds from exec until all hooks are attached, and those are gone that a killed process had left.
  var attachedAfterKill = Spread([])
  /// MiB that it holds while it observes.
  var resident = Spread([])
  /// The most MiB that it ever held, the making of its report included.
  var peakMemory = Spread([])
  /// MiB of its maps and of its programs in the kernel.
  var mapMemory = Spread([])
  var programMemory = Spread([])

  init(children: Int) { self.children = children }
}
