public import SystemPackage

/// Why an observation could not be saved or read.
public struct TraceFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong.
  public enum Code: Hashable, Sendable {
    /// The kernel refused to open, read or write the file.
    case system
    /// The file is none of macvtrace's.
    case foreign
    /// The file has a version of the form that this macvtrace does not know.
    case version
    /// Not even the first block of the file can be read.
    case damaged
    /// What the file says is beyond what any observation holds.
    case outOfBounds
  }

  /// What kind of thing went wrong.
  public let code: Code
  /// What failed, on which file, and what to try; one line.
  public let description: String
  /// The kernel's error number, where the kernel refused.
  public let errno: Errno?

  init(_ code: Code, _ description: String, errno: Errno? = nil) {
    self.code = code
    self.description = description
    self.errno = errno
  }

  /// The kernel refused something: `save the observation to FILE`.
  init(_ what: String, _ error: any Error, try advice: String) {
    let errno = error as? Errno ?? .ioError
    self.init(.system, "\(what): \(errno) (errno \(errno.rawValue)); \(advice)", errno: errno)
  }
}
