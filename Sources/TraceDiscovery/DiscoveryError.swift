import Glibc
import LinuxNamespaces
import Netlink
public import SystemPackage

/// Why a topology could not be found.
public struct DiscoveryError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: Sendable {
    /// There is no interface of that name in this namespace.
    case noSuchInterface
    /// The interface cannot carry children.
    case unsupportedInterface
    /// The process may not do it.
    case notPermitted
    /// The kernel refused for another reason.
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

  /// States a failure.
  public init(_ code: Code, _ message: String, errno: Errno, hint: String) {
    self.code = code
    self.message = message
    self.errno = errno
    self.hint = hint
  }

  /// States that a look failed for what the kernel said: `notPermitted` or `system`.
  init(_ what: String, _ error: any Error, hint: String = "try again: the network may be changing") {
    let errno = (error as? NetlinkError)?.errno ?? (error as? NamespaceError)?.errno ?? .ioError
    let isPermission = errno == .permissionDenied || errno == .notPermitted
    self.init(
      isPermission ? .notPermitted : .system, "\(what): \(error)", errno: errno,
      hint: isPermission ? "run it as root (sudo)" : hint)
  }

  /// `message (errno N); hint`.
  public var description: String { "\(message): \(errno) (errno \(errno.rawValue)); \(hint)" }
}

extension Errno {
  /// ENODEV: there is no such interface (any more).
  static var noSuchDevice: Errno { Errno(rawValue: Glibc.ENODEV) }
}
