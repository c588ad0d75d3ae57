public import SystemPackage

/// Why a request to the kernel's network configuration failed.
public struct NetlinkError: Error, Sendable, CustomStringConvertible {
  /// What was asked for.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno
  /// The kernel's own explanation (NLMSGERR_ATTR_MSG), where it gave one.
  public let explanation: String?

  /// States a failure.
  public init(_ message: String, errno: Errno, explanation: String? = nil) {
    self.message = message
    self.errno = errno
    self.explanation = explanation
  }

  /// `message: error text (errno N)`, and the kernel's explanation.
  public var description: String {
    let cause = "\(message): \(errno) (errno \(errno.rawValue))"
    return explanation.map { "\(cause): \($0)" } ?? cause
  }
}
