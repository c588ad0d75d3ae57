public import SystemPackage

/// Why something about a namespace failed.
public struct NamespaceError: Error, Sendable, CustomStringConvertible {
  /// What could not be done, for those who decide by it.
  public enum Code: Sendable {
    /// There is no such namespace, or it may not be opened.
    case open
    /// The file is no network namespace.
    case notANamespace
    /// The thread may not or cannot enter.
    case enter
    /// A named namespace could not be made.
    case create
    /// A name could not be removed.
    case delete
    /// A setting could not be read or written.
    case setting
    /// No thread could be started, or anything else.
    case system
  }

  /// What could not be done.
  public let code: Code
  /// What was tried, and on which namespace.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno

  /// States a failure.
  public init(_ message: String, errno: Errno, code: Code = .system) {
    self.code = code
    self.message = message
    self.errno = errno
  }

  /// `message: error text (errno N)`.
  public var description: String { "\(message): \(errno) (errno \(errno.rawValue))" }
}
