import BPF
import Glibc
import LinuxNamespaces

/// As many frames as one CPU can hand to the stack, to the first child of a network.
struct Flood {
  private let program: Program
  /// Takes the frames at an interface's ingress, where its stack would drop them.
  let taker: Program
  private let sent: TypedMap<UInt32, UInt64>

  /// Frames of one call: some 50 ms.
  static let burst = 65_536
  /// What tells the flood's source addresses from all others.
  static let sourcePrefix = "06:f1:"

  private static let object = "build/bpf/bench/flood.bpf.o"

  /// - Parameter stations: distinct source MACs.
  init(stations: UInt32 = 1024) throws {
    let object = try BenchObject.open(Self.object)
    try object.setGlobal("station_count", to: stations)
    let loaded = try object.load()
    program = try loaded.program("flood")
    taker = try loaded.program("take")
    sent = try TypedMap(try loaded.map("sent"))
  }

  /// Frames that were handed to the stack so far.
  func frames() throws -> UInt64 { try sent.lookup(0)?.reduce(0, +) ?? 0 }

  /// Sends one burst to an interface of the calling thread's namespace.
  ///
  /// - Returns: nanoseconds of processor time for each frame, its whole way through the stack included.
  @discardableResult func send(into parent: UInt32) throws -> Double {
    let start = Self.threadTime()
    try program.runLive(packet: Self.frame, ifindex: parent, repetitions: Self.burst)
    return Double(Self.threadTime() - start) / Double(Self.burst)
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

  /// Processor time of this thread in nanoseconds: what others take does not count.
  static func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
