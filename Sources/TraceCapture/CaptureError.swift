public import SystemPackage

/// Why observing could not begin.
public struct CaptureError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: Sendable {
    /// The process lacks a capability.
    case notPermitted
    /// The kernel lacks what counting needs.
    case unsupported
    /// An interface or namespace is gone.
    case gone
    case system
  }

  /// What kind of failure it was.
  public let code: Code
  /// What was tried, on which interface.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno
  /// What to try next.
  public let hint: String

  /// `message: error text (errno N); hint`.
  public var description: String {
    let number = "(errno \(errno.rawValue))"
    return message.contains(number) ? "\(message); \(hint)" : "\(message) \(number); \(hint)"
  }
}
