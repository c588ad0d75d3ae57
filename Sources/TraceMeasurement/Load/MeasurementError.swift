public import SystemPackage

/// Why something could not be measured.
public struct MeasurementError: Error, Sendable, CustomStringConvertible {
  /// What was wrong, and what to try; one line.
  public let description: String
  /// The kernel's error number, where the kernel refused.
  public let errno: Errno?

  /// States a failure.
  public init(_ description: String, errno: Errno? = nil) {
    self.description = description
    self.errno = errno
  }

  /// The kernel refused something: `receive at 10.0.0.2: Address already in use (errno 98)`.
  init(refused what: String, _ number: CInt) {
    let errno = Errno(rawValue: number)
    self.init("\(what): \(errno) (errno \(number))", errno: errno)
  }
}

/// The measurement was asked to stop.
struct Interruption: Error {}
