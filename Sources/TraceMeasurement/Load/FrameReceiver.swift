import CLinux
import LinuxNamespaces
import NetworkAddresses

/// What one end of a load did.
struct LoadCount: Sendable {
  var frames: UInt64
  /// How long, in nanoseconds.
  var nanoseconds: UInt64
  /// Processor time of its thread, in nanoseconds.
  var cpuNanoseconds: UInt64

  init(frames: UInt64, nanoseconds: UInt64, cpuNanoseconds: UInt64) {
    self.frames = frames
    self.nanoseconds = nanoseconds
    self.cpuNanoseconds = cpuNanoseconds
  }

  init(_ load: clinux_load) {
    self.init(frames: load.frames, nanoseconds: load.nanoseconds, cpuNanoseconds: load.cpu_nanoseconds)
  }
}

/// Counts the datagrams that come to a port of its own, on a thread of its own: what an earlier trial sent goes
/// elsewhere.
final class FrameReceiver {
  private final class Outcome: @unchecked Sendable {
    // Written by the thread, read after that was joined: never by two at once.
    var load = clinux_load()
  }

  var port: UInt16 { socket.port }

  private let socket: ListeningSocket
  private let flag = StopFlag()
  private let outcome = Outcome()
  private var thread: BackgroundThread?

  init(at address: IPAddress, scope: UInt32, in namespace: NetworkNamespace?) throws {
    let socket = try ListeningSocket(.datagram, at: address, scope: scope, in: namespace)
    self.socket = socket
    thread = try BackgroundThread { [flag, outcome] in
      clinux_receive_load(socket.descriptor, flag.pointer, &outcome.load)
    }
  }

  deinit { _ = finish() }

  /// Waits until nothing comes any more, and says what came.
  func finish() -> LoadCount {
    flag.set()
    thread?.join()
    thread = nil
    return LoadCount(outcome.load)
  }
}
