import CLinux
import Glibc
public import NetworkAddresses

/// The far end of measurements that another machine makes: one client at a time.
public final class MeasurementServer {
  /// Where it listens.
  public var port: UInt16 { socket.port }

  private let socket: ListeningSocket
  private let iperf: Iperf

  /// A client that is silent for so long is taken for gone, in seconds: longer than any load should run.
  private static let longestSilence = 3600
  /// Milliseconds between two looks whether it is to end.
  private static let glance: UInt32 = 200

  /// Listens.
  ///
  /// - Parameter address: where; `nil`: at every address of the calling thread's namespace.
  public init(at address: IPAddress?, port: UInt16?, _ iperf: Iperf) throws {
    self.iperf = iperf
    let port = port ?? ControlLine.defaultPort
    let listen = { (address: IPAddress) throws -> ListeningSocket in
      try ListeningSocket(.stream, at: address, port: port, patience: Self.glance, in: nil)
    }
    if let address {
      socket = try listen(address)
    } else if let both = try? listen(.v6(high: 0, low: 0)) {
      // IPv4 comes there, too (RFC 3493, 3.7).
      socket = both
    } else {
      socket = try listen(.v4(0))
    }
  }

  /// Serves until it is told to stop.
  ///
  /// - Parameter say: tells a person who comes and goes.
  public func run(isStopped: () -> Bool, say: (String) -> Void) throws {
    while !isStopped() {
      var octets = [UInt8](repeating: 0, count: 16)
      var length: CInt = 0
      let client = clinux_accept(socket.descriptor, Self.glance, &octets, &length)
      guard client >= 0 else {
        if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { continue }
        throw MeasurementError(refused: "accept a client at port \(port)", errno)
      }
      defer { close(client) }
      guard let own = IPAddress(octets: octets.prefix(Int(length))) else { continue }
      say("a client has come to \(own)")
      serve(client, at: own, isStopped)
      say("the client has gone")
    }
  }

  private func serve(_ client: CInt, at address: IPAddress, _ isStopped: () -> Bool) {
    let far = LocalFarEnd(address, in: nil, iperf)
    guard ControlLine.write(ControlLine.greeting, to: client) else { return }
    var silence = 0
    while !isStopped() {
      switch ControlLine.read(client) {
      case .silence:
        silence += Int(Self.glance)
        if silence > Self.longestSilence * 1000 { return }
      case .ended: return
      case .line(let question):
        silence = 0
        guard ControlLine.write(Self.answer(question, far), to: client) else { return }
      }
    }
  }

  private static func answer(_ question: String, _ far: LocalFarEnd) -> String {
    do {
      switch question {
      case "echo": return "ok \(try far.echoPort())"
      case "stream": return "ok \(try far.streamPort())"
      case "receive": return "ok \(try far.beginReceiving())"
      case "count":
        let count = try far.endReceiving()
        return "ok \(count.frames) \(count.cpuNanoseconds)"
      default: return "error no such question"
      }
    } catch {
      return "error \(error)"
    }
  }
}
