import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses
import SystemPackage

/// Sends back what comes to one port of an address, by TCP and by UDP, until it ends.
///
/// Its sockets are made in a namespace and used by a thread outside: nothing stays there but the open port.
public final class ProbeResponder: Sendable {
  /// What is open at a time; the next ones wait.
  private static let mostConnections = 256
  private static let largest = 65536

  private let stopWriter: FileDescriptor
  private let thread: BackgroundThread

  /// Opens the port.
  ///
  /// - Throws: `MeasurementError` when somebody has the port (`EADDRINUSE`) or the address is none of the namespace's;
  ///   `NamespaceError` when that cannot be entered.
  public init(_ address: IPAddress, port: UInt16, in namespace: NetworkNamespace) throws {
    let stream = try ListeningSocket(.stream, at: address, port: port, in: namespace)
    let datagrams = try ListeningSocket(.datagram, at: address, port: port, in: namespace)
    let (reader, writer) = try FileDescriptor.pipe()
    stopWriter = writer
    do {
      thread = try BackgroundThread {
        Self.serve(stream, datagrams, until: reader.rawValue)
        try? reader.close()
      }
    } catch {
      for descriptor in [reader, writer] { try? descriptor.close() }
      throw error
    }
  }

  deinit {
    try? stopWriter.close()
    thread.join()
  }

  private static func serve(_ stream: ListeningSocket, _ datagrams: ListeningSocket, until stop: CInt) {
    var connections: [CInt] = []
    defer { for connection in connections { close(connection) } }
    var buffer = [UInt8](repeating: 0, count: largest)
    while true {
      let listening = connections.count < mostConnections ? stream.descriptor : -1
      var wanted = ([stop, datagrams.descriptor, listening] + connections).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&wanted, nfds_t(wanted.count), -1) >= 0 || errno == EINTR else { return }
      if wanted[0].revents != 0 { return }
      echoDatagrams(datagrams.descriptor, &buffer)
      for entry in wanted.dropFirst(3) where entry.revents != 0 && !echo(entry.fd, &buffer) {
        close(entry.fd)
        connections.removeAll { $0 == entry.fd }
      }
      if wanted[2].revents != 0 {
        let connection = accept(listening, nil, nil)
        if connection >= 0 { connections.append(connection) }
      }
    }
  }

  /// Whether the connection goes on.
  private static func echo(_ connection: CInt, _ buffer: inout [UInt8]) -> Bool {
    let count = recv(connection, &buffer, largest, Int32(MSG_DONTWAIT))
    if count > 0 {
      return send(connection, buffer, count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) == count
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR)
  }

  private static func echoDatagrams(_ socket: CInt, _ buffer: inout [UInt8]) {
    while true {
      var sender = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutablePointer(to: &sender) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(socket, &buffer, largest, Int32(MSG_DONTWAIT), $0, &size)
        }
      }
      guard count >= 0 else {
        // An error that an earlier answer met is taken with this; it is not the next datagram's.
        if errno == EAGAIN || errno == EBADF { return }
        continue
      }
      _ = withUnsafePointer(to: sender) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(socket, buffer, count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), $0, size)
        }
      }
    }
  }
}
