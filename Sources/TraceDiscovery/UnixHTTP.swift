import Glibc
import SystemPackage

/// HTTP/1.0 requests over a unix socket: no chunks, no connection reuse, a bound on time and size.
///
/// The Docker Engine API needs no more, and a library with more would bring the whole of Foundation into a binary
/// that has to start in milliseconds.
struct UnixHTTP {
  /// Where the server listens.
  let path: String
  /// The end of all requests together.
  let deadline: Deadline

  /// The body of a successful answer to one request.
  func get(_ target: String) throws(HTTPFailure) -> ArraySlice<UInt8> {
    let socket = try stream(target).rawValue
    defer { close(socket) }
    var answer = HTTPAnswer()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count == 0 { break }
      if count < 0 {
        guard errno == EAGAIN || errno == EINTR else { throw Self.failure("broke the connection") }
        try wait(socket, POLLIN)
      } else if try answer.append(buffer[..<count]) {
        break
      }
      // One that sends without an end is always ready.
      if deadline.left == 0 { throw Self.late }
    }
    return try answer.body()
  }

  /// Sends a request whose answer has no end, and returns the socket that it comes from, which never waits.
  func stream(_ target: String) throws(HTTPFailure) -> FileDescriptor {
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | O_NONBLOCK, 0)
    guard socket >= 0 else { throw Self.failure("could not be asked") }
    do {
      try connect(socket)
      try send(
        socket, Array("GET \(target) HTTP/1.0\r\nHost: docker\r\nUser-Agent: macvtrace\r\n\r\n".utf8))
    } catch {
      close(socket)
      throw error
    }
    return FileDescriptor(rawValue: socket)
  }

  private func connect(_ socket: CInt) throws(HTTPFailure) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let octets = Array(path.utf8)
    guard octets.count < MemoryLayout.size(ofValue: address.sun_path), !octets.contains(0) else {
      throw HTTPFailure(reason: "has a path that no socket can have")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Self.failure("did not let this process connect") }
  }

  private func send(_ socket: CInt, _ request: [UInt8]) throws(HTTPFailure) {
    var rest = request[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN || errno == EINTR {
        try wait(socket, POLLOUT)
      } else {
        throw Self.failure("broke the connection")
      }
    }
  }

  private func wait(_ socket: CInt, _ events: Int32) throws(HTTPFailure) {
    let left = deadline.left
    guard left > 0 else { throw Self.late }
    var request = pollfd(fd: socket, events: Int16(events), revents: 0)
    _ = poll(&request, 1, left)
  }

  private static let late = HTTPFailure(reason: "did not answer in time")

  /// States the failure of the last system call.
  private static func failure(_ what: String) -> HTTPFailure {
    let cause = Errno(rawValue: errno)
    return HTTPFailure(reason: "\(what): \(cause) (errno \(cause.rawValue))")
  }
}
