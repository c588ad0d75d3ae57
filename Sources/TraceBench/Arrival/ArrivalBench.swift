import CLinux
import FoundationEssentials
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses

/// How long it takes from a child's creation until its first frame is counted.
///
/// Each child of a namespace of its own sends a frame each millisecond from its creation on, under a MAC address that no
/// other has. The counter says how many were counted, and so which was the first.
struct ArrivalBench {
  let children: Int
  /// How many children are there already.
  let crowd: Int

  /// Frames of each child, a millisecond apart.
  private static let frames = 250

  /// One child that came.
  private struct Arrival {
    var source: MACAddress
    /// Milliseconds of CLOCK_MONOTONIC.
    var created: Double
    var sent: [Double] = []
  }

  func run(_ binary: String) throws -> ArrivalResult {
    let network = try BenchNetwork(children: crowd)
    let file = "/tmp/mvt\(getpid())-arrivals.json"
    defer { unlink(file) }
    var arrivals: [Arrival] = []
    _ = try ObservingProcess.run(binary, report: file, in: network.host) { _ in
      for number in 0..<children { arrivals.append(try arrive(number, in: network.host)) }
      // The reader of notifications may be a look behind.
      usleep(300_000)
    }
    let report = try JSONDecoder().decode(ObservedReport.self, from: Data(contentsOf: URL(filePath: file)))
    // What a child sends leaves by the parent, too.
    let own = Set(report.interfaces.filter { $0.kind == "macvlan" }.map(\.id))
    var counted: [String: UInt64] = [:]
    for counter in report.counters where counter.direction == "egress" && own.contains(counter.interface) {
      counted[counter.source] = counter.frames
    }
    let times = arrivals.compactMap { arrival -> Double? in
      let number = Int(counted[arrival.source.description] ?? 0)
      guard number > 0, number <= arrival.sent.count else { return nil }
      return arrival.sent[arrival.sent.count - number] - arrival.created
    }
    return ArrivalResult(children: children, crowd: crowd, missed: arrivals.count - times.count, times)
  }

  private func arrive(_ number: Int, in host: NetworkNamespace) throws -> Arrival {
    let name = "mvt\(getpid())-arrival"
    let namespace = try NetworkNamespace.create(named: name)
    defer { try? NetworkNamespace.delete(named: name) }
    let inside = try NetlinkSocket(in: namespace)
    let outside = try NetlinkSocket(in: host)
    let parent = try outside.link(named: BenchNetwork.parent).ifindex
    var arrival = Arrival(
      source: MACAddress(rawValue: 0x0200_00aa_0000 + UInt64(number)), created: ObservingProcess.now())
    try outside.createMacvlan(LinkSpecification("eth0", namespace: namespace), parent: parent, mode: .bridge)
    let child = try inside.link(named: "eth0").ifindex
    try inside.setUp(child, true)
    let frame = Self.frame(from: arrival.source)
    arrival.sent = try namespace.run {
      let socket = clinux_packet_socket(Int32(child))
      guard socket >= 0 else { throw BenchError("open a packet socket: errno \(errno)") }
      defer { close(socket) }
      return (0..<Self.frames).map { _ in
        let time = ObservingProcess.now()
        clinux_send_frames(socket, frame, UInt32(frame.count), 1)
        usleep(1000)
        return time
      }
    }
    return arrival
  }

  /// A broadcast of EtherType 0x88b5, which IEEE 802 keeps for experiments.
  private static func frame(from source: MACAddress) -> [UInt8] {
    let octets = (0..<6).map { UInt8(truncatingIfNeeded: source.rawValue >> (40 - 8 * UInt64($0))) }
    return [UInt8](repeating: 0xff, count: 6) + octets + [0x88, 0xb5] + [UInt8](repeating: 0, count: 46)
  }
}

/// What arriving took.
struct ArrivalResult: Encodable {
  let children: Int
  let crowd: Int
  /// Children of which no frame was counted within a quarter of a second.
  let missed: Int
  /// Milliseconds from just before the request that made a child until its first counted frame.
  let median: Double
  let percentile99: Double
  let maximum: Double

  init(children: Int, crowd: Int, missed: Int, _ times: [Double]) {
    self.children = children
    self.crowd = crowd
    self.missed = missed
    let sorted = times.sorted()
    median = sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    percentile99 = sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    maximum = sorted.last ?? .nan
  }
}
