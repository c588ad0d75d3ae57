import Glibc

/// What tells one network namespace from another: the device and inode of its nsfs file (ioctl_ns(2)).
public struct NamespaceIdentity: Hashable, Sendable {
  /// The number of the nsfs file system, the same for every namespace of a machine.
  public let device: UInt64
  /// What `readlink /proc/self/ns/net` shows; used again after the namespace has ended.
  public let inode: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// That of the namespace for which a file stands; `nil` when there is no such file.
  init?(ofFile path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
