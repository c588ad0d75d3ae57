import BPF
import FoundationEssentials
import Glibc
import LinuxNamespaces
import Netlink

/// As many frames as one CPU can hand to the stack, to a child, while `macvtrace attach` observes: what it counted of
/// them, what it could not record, and what the process took.
struct FloodBench {
  let seconds: Double

  /// Frames of one call: some 50 ms.
  private static let burst = 65_536
  private static let object = "build/bpf/bench/flood.bpf.o"
  /// What tells the flood's source addresses from all others.
  static let sourcePrefix = "06:f1:"

  func run(_ binary: String) throws -> FloodResult {
    let network = try BenchNetwork(children: 1)
    let loaded = try BenchObject.open(Self.object).load()
    let flood = try loaded.program("flood")
    let sent = try TypedMap<UInt32, UInt64>(try loaded.map("sent"))
    let parent = try NetlinkSocket(in: network.host).link(named: BenchNetwork.parent).ifindex
    let report = "build/bench-flood-\(getpid()).json"
    defer { unlink(report) }
    var took = 0.0
    let process = try ObservingProcess(binary, arguments: ["--output", report], in: network.host) {
      took = try network.host.run {
        let start = ObservingProcess.now()
        while ObservingProcess.now() - start < seconds * 1e3 {
          try flood.runLive(packet: Self.frame, ifindex: parent, repetitions: Self.burst)
        }
        return (ObservingProcess.now() - start) / 1e3
      }
    }
    let frames = try sent.lookup(0)?.reduce(0, +) ?? 0
    let observed = try JSONDecoder().decode(
      ObservedReport.self, from: Data(contentsOf: URL(filePath: report)))
    return FloodResult(
      frames: frames, seconds: took, rate: Double(frames) / took,
      uncountedAtParent: Int64(frames) - Int64(observed.frames(in: "parent")),
      uncountedAtChild: Int64(frames) - Int64(observed.frames(in: "macvlan")),
      loss: observed.loss, processorShare: process.processorTime / took, peakMemory: process.peakMemory)
  }

  /// UDP in IPv4 of 64 octets to an address that nobody has: the child's stack drops it.
  private static let frame: [UInt8] = {
    let macs: [UInt8] = [0x02, 0, 0, 0, 0x10, 0, 0x06, 0xf1, 0, 0, 0, 0]
    let network: [UInt8] = [
      8, 0, 0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1,
    ]
    let transport: [UInt8] = [0x30, 0x39, 0, 9, 0, 30, 0, 0]
    return macs + network + transport + [UInt8](repeating: 0xaa, count: 22)
  }()
}
