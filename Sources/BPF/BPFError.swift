import LinuxNamespaces
public import SystemPackage

/// Why a BPF operation failed.
public struct BPFError: Error, Sendable, CustomStringConvertible {
  /// What kind of operation it was.
  public enum Code: String, Sendable {
    case open, load, notFound, map, attach, testRun, ringBuffer, feature
  }

  /// What kind of operation failed.
  public let code: Code
  /// What was tried, and on which object, map or interface.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno
  /// What libbpf and the verifier said, the telling line first; empty for most.
  public let log: [String]

  /// States a failure; `log` is libbpf's text as it came.
  public init(_ code: Code, _ message: String, errno: Errno, log: String = "") {
    self.code = code
    self.message = message
    self.errno = errno
    self.log = Self.tellingLineFirst(log)
  }

  /// `message: error text (its name)`, and the telling line of the log.
  public var description: String {
    let cause = "\(message): \(errno) (\(errno.symbol))"
    guard let first = log.first else { return cause }
    return "\(cause): \(first)"
  }

  /// The verifier's verdict stands at the end of its log, behind up to a megabyte of trace: the last line
  /// before `processed N insns`.
  static func tellingLineFirst(_ log: String) -> [String] {
    let lines = log.split(whereSeparator: \.isNewline).map(String.init)
    guard let end = lines.lastIndex(where: { $0.hasPrefix("processed ") && $0.contains(" insns") }) else {
      return lines
    }
    guard let telling = lines[..<end].lastIndex(where: { !$0.hasPrefix(";") }) else { return lines }
    return [lines[telling]] + lines[..<telling] + lines[(telling + 1)...]
  }
}
