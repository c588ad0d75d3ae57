public import SystemPackage

/// Why something about a namespace failed.
public struct NamespaceError: Error, Sendable, CustomStringConvertible {
  /// What was tried, and on which namespace.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno

  /// States a failure.
  public init(_ message: String, errno: Errno) {
    self.message = message
    self.errno = errno
  }

  /// `message: error text (errno N)`.
  public var description: String { "\(message): \(errno) (errno \(errno.rawValue))" }
}
