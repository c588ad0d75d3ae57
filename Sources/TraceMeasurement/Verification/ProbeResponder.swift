import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses
import SystemPackage

/// Sends back what comes to an address, by TCP and by UDP, until it ends.
///
/// Its sockets are made in a namespace and used by a thread outside: nothing stays there but the open port.
public final class ProbeResponder: Sendable {
  /// What can wait in line, and what is open at a time.
  private static let mostConnections = 256
  private static let largest = 65536

  private let stopWriter: FileDescriptor
  private let thread: BackgroundThread

  /// Opens the port on an address.
  ///
  /// - Throws: `Errno` when somebody has the port (`EADDRINUSE`) or the address is none of the namespace's;
  ///   `NamespaceError` when that cannot be entered.
  public init(_ address: IPAddress, port: UInt16, in namespace: NetworkNamespace) throws {
    let octets = address.octets
    let make = { @Sendable (kind: CInt) throws(Errno) -> FileDescriptor in
      let descriptor = clinux_answering_socket(kind, octets, CInt(octets.count), port)
      if descriptor < 0 { throw Errno(rawValue: errno) }
      return FileDescriptor(rawValue: descriptor)
    }
    let (stream, datagrams) = try namespace.run {
      let stream = try make(CInt(SOCK_STREAM.rawValue))
      do {
        return (stream, try make(CInt(SOCK_DGRAM.rawValue)))
      } catch {
        try? stream.close()
        throw error
      }
    }
    let (reader, writer) = try FileDescriptor.pipe()
    stopWriter = writer
    do {
      thread = try BackgroundThread {
        Self.serve(stream.rawValue, datagrams.rawValue, until: reader.rawValue)
        for descriptor in [stream, datagrams, reader] { try? descriptor.close() }
      }
    } catch {
      for descriptor in [stream, datagrams, reader, writer] { try? descriptor.close() }
      throw error
    }
  }

  deinit {
    try? stopWriter.close()
    thread.join()
  }

  private static func serve(_ stream: CInt, _ datagrams: CInt, until stop: CInt) {
    var connections: [CInt] = []
    defer { for connection in connections { close(connection) } }
    var buffer = [UInt8](repeating: 0, count: largest)
    while true {
      // Where as many are open as may be, the next ones wait.
      let listening = connections.count < mostConnections ? stream : -1
      var wanted = ([stop, datagrams, listening] + connections).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&wanted, nfds_t(wanted.count), -1) >= 0 || errno == EINTR else { return }
      if wanted[0].revents != 0 { return }
      echoDatagrams(datagrams, &buffer)
      for entry in wanted.dropFirst(3) where entry.revents != 0 {
        let count = recv(entry.fd, &buffer, largest, 0)
        if count > 0 {
          _ = send(entry.fd, buffer, count, Int32(MSG_NOSIGNAL))
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
          close(entry.fd)
          connections.removeAll { $0 == entry.fd }
        }
      }
      if listening >= 0 {
        let connection = clinux_accept(listening)
        if connection >= 0 { connections.append(connection) }
      }
    }
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
