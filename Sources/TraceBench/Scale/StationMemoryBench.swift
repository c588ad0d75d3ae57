import LinuxNamespaces
import Glibc

/// How much memory a capture holds by the number of stations that its frames come from.
struct StationMemoryBench {
  let stations: UInt32

  func run(_ binary: String) throws -> StationMemoryResult {
    let network = try BenchNetwork(children: 1)
    let flood = try Flood(stations: stations)
    var memory: ProcessMemory?
    let process = try ObservingProcess.run(binary, in: network.host) { process in
      let parent = network.parentIndex
      try network.host.run {
        // Each station sends several frames.
        while try flood.frames() < 4 * UInt64(stations) { try flood.send(into: parent) }
      }
      memory = try ProcessMemory(of: process.pid)
    }
    return StationMemoryResult(
      stations: stations, resident: memory?.resident ?? .nan, peak: process.peakMemory,
      stopped: process.stopped)
  }
}

/// What a capture held with one number of stations.
struct StationMemoryResult: Encodable {
  let stations: UInt32
  /// MiB while it observes.
  let resident: Double
  /// The most MiB, the making of its report included.
  let peak: Double
  /// Milliseconds from SIGINT until its report was written and it was gone.
  let stopped: Double
}
