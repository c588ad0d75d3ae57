import LinuxNamespaces
import FoundationEssentials
import Glibc

/// A flood to a child while `macvtrace attach` observes: what it counted of it, what it could not record, and what the
/// process took.
struct FloodBench {
  let seconds: Double

  func run(_ binary: String) throws -> FloodResult {
    let network = try BenchNetwork(children: 1)
    let flood = try Flood()
    let report = "build/bench-flood-\(getpid()).json"
    defer { unlink(report) }
    var took = 0.0
    var taken = 0.0
    let process = try ObservingProcess.run(binary, report: report, in: network.host) { process in
      let parent = network.parentIndex
      let tree = ProcessTree(of: process.pid)
      let before = tree.processorTime
      took = try network.host.run {
        let start = ObservingProcess.now()
        while ObservingProcess.now() - start < seconds * 1e3 { try flood.send(into: parent) }
        return (ObservingProcess.now() - start) / 1e3
      }
      taken = tree.processorTime - before
    }
    let frames = try flood.frames()
    let observed = try JSONDecoder().decode(
      ObservedReport.self, from: Data(contentsOf: URL(filePath: report)))
    return FloodResult(
      frames: frames, seconds: took, rate: Double(frames) / took,
      uncountedAtParent: Int64(frames) - Int64(observed.frames(in: "parent")),
      uncountedAtChild: Int64(frames) - Int64(observed.frames(in: "macvlan")),
      loss: observed.loss, processorShare: process.processorTime / took,
      observingShare: taken / took, peakMemory: process.peakMemory)
  }
}
