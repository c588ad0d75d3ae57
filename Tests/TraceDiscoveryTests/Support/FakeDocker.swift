import Foundation
import LinuxNamespaces
import Synchronization

/// A server on a unix socket that answers as one test wants; it ends with this value.
final class FakeDocker: Sendable {
  /// What it does with one request.
  enum Behavior: Sendable {
    /// Sends this text, then closes.
    case send(String)
    /// Sends this text and leaves the connection open.
    case sendAndHold(String)
    /// Sends this text again and again, as long as somebody reads.
    case repeatWithoutEnd(String)
  }

  let path: String
  private let listener: CInt
  private let thread: BackgroundThread
  private let log: Log

  /// The targets that were asked for, in order.
  var targets: [String] { log.targets.withLock { $0 } }
  /// The environment in which an engine finds this server.
  var environment: [String: String] { ["DOCKER_HOST": "unix://\(path)"] }

  /// - Parameter behavior: what to do with a request for a target.
  init(_ behavior: @escaping @Sendable (String) -> Behavior) throws {
    let path = FileManager.default.temporaryDirectory.path + "/mvt\(getpid())-\(UUID().uuidString).sock"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(listener, 128) == 0 else {
      throw CommandFailure(command: "listen at \(path)", message: String(cString: strerror(errno)))
    }
    let log = Log()
    thread = try BackgroundThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        log.serve(connection, behavior)
      }
    }
    (self.path, self.listener, self.log) = (path, listener, log)
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    thread.join()
    close(listener)
    log.held.withLock { $0.forEach { close($0) } }
    unlink(path)
  }

  /// A whole answer with a length.
  static func answer(_ body: String, status: String = "200 OK") -> Behavior {
    .send("HTTP/1.0 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }
}

/// What a server was asked, and the connections that it leaves open.
private final class Log: Sendable {
  let targets = Mutex<[String]>([])
  let held = Mutex<[CInt]>([])

  func serve(_ connection: CInt, _ behavior: (String) -> FakeDocker.Behavior) {
    let target = Self.target(connection)
    targets.withLock { $0.append(target) }
    var hold = false
    switch behavior(target) {
    case .send(let text): _ = Self.send(text, connection)
    case .sendAndHold(let text): hold = Self.send(text, connection)
    case .repeatWithoutEnd(let text): while Self.send(text, connection) {}
    }
    if hold { held.withLock { $0.append(connection) } } else { close(connection) }
  }

  /// The second word of the request.
  private static func target(_ connection: CInt) -> String {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      request += buffer[..<count]
    }
    let words = String(decoding: request, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? String(words[1]) : ""
  }

  /// Sends everything; false when nobody reads any more.
  private static func send(_ text: String, _ connection: CInt) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
