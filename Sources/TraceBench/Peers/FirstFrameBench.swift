import CLinux
import Glibc
import LinuxNamespaces
import NetworkAddresses

/// How long each tool takes from exec until it counts: a frame each millisecond comes in at the parent from before its start
/// on, and as it counts all that follow the first, their number says which was the first.
struct FirstFrameBench {
  let peers: [Peer]
  let rounds: Int
  let files: String

  /// Milliseconds after a tool has said that it is ready, so that it counts some frames for sure.
  private static let margin = 150.0

  func run() throws -> [FirstFrameResult] {
    let network = try BenchNetwork(children: 1)
    try network.silence()
    var results = peers.map { FirstFrameResult(name: $0.name) }
    for _ in 0..<rounds {
      for index in peers.indices { results[index].append(try start(peers[index], network)) }
    }
    return results
  }

  /// Milliseconds from exec; `nil` when the tool did not say how many it counted.
  private func start(_ peer: Peer, _ network: BenchNetwork) throws -> Double? {
    let socket = try network.portSocket()
    defer { close(socket) }
    let running = try RunningPeer(
      peer, in: network.host, child: try network.firstChild(), files: files)
    var sent: [Double] = []
    var ready: Double?
    while ready.map({ ObservingProcess.now() < $0 + Self.margin }) ?? true {
      sent.append(ObservingProcess.now())
      clinux_send_frames(socket, Self.frame, UInt32(Self.frame.count), 1)
      usleep(1000)
      if ready == nil, try running.isReady() { ready = ObservingProcess.now() }
    }
    guard let counted = try running.finish().map(Int.init), counted > 0, counted <= sent.count else {
      return nil
    }
    return max(0, sent[sent.count - counted] - running.started)
  }

  /// From an address of the flood's to the child. EtherType 0x88b5, which IEEE 802 keeps for experiments.
  private static let frame: [UInt8] =
    MACAddress(rawValue: 0x0200_0000_1000).octets + MACAddress(rawValue: 0x06f1_0000_0001).octets
    + [0x88, 0xb5] + [UInt8](repeating: 0, count: 46)
}

/// How soon one tool counted.
struct FirstFrameResult: Encodable {
  let name: String
  /// Milliseconds from exec until the first frame that it counted, by round.
  private(set) var milliseconds: [Double] = []

  init(name: String) { self.name = name }

  mutating func append(_ time: Double?) {
    if let time { milliseconds.append(time) }
  }
}
