import Glibc
import SystemPackage

/// A file descriptor that is closed when its last owner goes.
final class Descriptor: Sendable {
  let rawValue: CInt

  /// Takes ownership of an open descriptor.
  init(owning rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Makes a second descriptor of the same kernel object.
  init(duplicating other: CInt) throws(Errno) {
    let copy = fcntl(other, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw Errno(rawValue: Glibc.errno) }
    rawValue = copy
  }

  deinit {
    close(rawValue)
  }
}
