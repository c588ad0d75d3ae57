import Glibc
import SystemPackage

/// One HTTP/1.0 request over a unix socket: no chunks, no connection reuse, a bound on time and size.
///
/// The Docker Engine API needs no more, and a library with more would bring the whole of Foundation into a binary
/// that has to start in milliseconds.
struct UnixHTTP {
  /// Where the engine listens.
  let path: String
  /// Milliseconds for everything.
  let timeout: Int32
  /// The most octets of an answer; a longer one is refused.
  static let limit = 16 << 20

  /// The body of a successful answer; `nil` for everything else: no engine, a hanging one, a lying one.
  func get(_ target: String) -> [UInt8]? {
    let deadline = Self.milliseconds() + Int64(timeout)
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | O_NONBLOCK, 0)
    guard socket >= 0 else { return nil }
    defer { close(socket) }
    guard connect(socket) else { return nil }
    let request = Array("GET \(target) HTTP/1.0\r\nHost: docker\r\nUser-Agent: macvtrace\r\n\r\n".utf8)
    guard wait(socket, POLLOUT, deadline),
      send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { return nil }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while wait(socket, POLLIN, deadline) {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      guard count >= 0, answer.count + count <= Self.limit else { return nil }
      if count == 0 { return Self.body(of: answer) }
      answer += buffer[..<count]
    }
    return nil
  }

  private func connect(_ socket: CInt) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let octets = Array(path.utf8)
    guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  private func wait(_ socket: CInt, _ events: Int32, _ deadline: Int64) -> Bool {
    let left = deadline - Self.milliseconds()
    guard left > 0 else { return false }
    var request = pollfd(fd: socket, events: Int16(events), revents: 0)
    return poll(&request, 1, Int32(left)) > 0
  }

  private static func milliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// What follows the header of a whole answer with status 200.
  static func body(of answer: [UInt8]) -> [UInt8]? {
    let separator = Array("\r\n\r\n".utf8)
    guard answer.starts(with: Array("HTTP/1.".utf8)), answer.count > 12,
      String(decoding: answer[9..<12], as: UTF8.self) == "200"
    else { return nil }
    var index = 12
    while index + 4 <= answer.count {
      if Array(answer[index..<index + 4]) == separator { return bodyIfWhole(answer, from: index + 4) }
      index += 1
    }
    return nil
  }

  /// Refuses an answer that is shorter than its header says.
  private static func bodyIfWhole(_ answer: [UInt8], from start: Int) -> [UInt8]? {
    let header = String(decoding: answer[..<start], as: UTF8.self).lowercased()
    if header.contains("\r\ntransfer-encoding:") { return nil }
    for line in header.split(whereSeparator: \.isNewline) where line.hasPrefix("content-length:") {
      let text = line.dropFirst("content-length:".count).filter { !$0.isWhitespace }
      guard let length = Int(text), answer.count - start >= length else { return nil }
      return Array(answer[start..<start + length])
    }
    return Array(answer[start...])
  }
}
