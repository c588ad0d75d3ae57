import Glibc

/// How two macvtrace speak of a measurement between them: a line asks, a line answers.
///
/// The server greets; then `echo`, `stream` and `receive` are answered by `ok PORT`, and `count` by `ok FRAMES
/// NANOSECONDS`; what fails by `error TEXT`.
enum ControlLine {
  static let greeting = "macvtrace.measure/1"
  /// Where the server listens unless told otherwise; no service is registered for it at IANA.
  static let defaultPort: UInt16 = 47_630
  /// The octets of the longest line that is read.
  private static let longest = 512

  enum Outcome: Equatable {
    case line(String)
    /// Nothing came in time.
    case silence
    /// The other side has gone, or sends what is no line.
    case ended
  }

  /// Reads one line. What comes behind it is lost: each side waits for the other.
  static func read(_ socket: CInt) -> Outcome {
    var line: [UInt8] = []
    var octet: UInt8 = 0
    while line.count < longest {
      let count = recv(socket, &octet, 1, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return line.isEmpty ? .silence : .ended }
      guard count == 1 else { return .ended }
      if octet == 0x0a { return .line(String(decoding: line, as: UTF8.self)) }
      line.append(octet)
    }
    return .ended
  }

  /// Writes one line; whether it went.
  static func write(_ text: String, to socket: CInt) -> Bool {
    // A line ends where the text says so nowhere else.
    let octets = Array(text.utf8.prefix(longest - 1)).map { $0 == 0x0a ? 0x20 : $0 } + [0x0a]
    return send(socket, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count
  }
}
