import CLinux
import LinuxNamespaces
import NetworkAddresses

/// Sends every datagram back, on a thread of its own, for as long as it lives.
final class EchoResponder {
  var port: UInt16 { socket.port }

  private let socket: ListeningSocket
  private let flag = StopFlag()
  private let thread: BackgroundThread

  init(at address: IPAddress, scope: UInt32, in namespace: NetworkNamespace?) throws {
    let socket = try ListeningSocket(.datagram, at: address, scope: scope, in: namespace)
    self.socket = socket
    thread = try BackgroundThread { [flag] in clinux_echo(socket.descriptor, flag.pointer) }
  }

  deinit {
    flag.set()
    thread.join()
  }
}
