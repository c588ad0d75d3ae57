import CLinux
import Glibc
import SystemPackage

extension NetworkNamespace {
  /// Makes a namespace that nobody else can see and that is gone with its last user, however this process ends; its
  /// loopback interface is still down.
  public static func unnamed() throws -> NetworkNamespace {
    try onFreshThread {
      guard clinux_unshare_network() == 0 else {
        throw NamespaceError("make a network namespace", errno: Errno(rawValue: errno), code: .create)
      }
      return try NetworkNamespace.current()
    }
  }
}
