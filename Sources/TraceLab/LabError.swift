public import SystemPackage

/// Why a lab could not be built or removed.
public struct LabError: Error, Sendable, CustomStringConvertible {
  /// What was wrong, and what to try.
  public let description: String

  /// The kernel's error number, where the kernel refused.
  public let errno: Errno?

  init(_ description: String, errno: Errno? = nil) {
    self.description = description
    self.errno = errno
  }

  /// This kernel cannot build that lab.
  public init(missing features: [String]) {
    self.init(
      "this kernel lacks what that lab needs: \(features.joined(separator: ", ")) (errno 95). Load the modules, or "
        + "boot a kernel that has them; nothing was left behind", errno: .notSupported)
  }
}
