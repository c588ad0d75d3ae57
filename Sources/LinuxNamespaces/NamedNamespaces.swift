import CLinux
import Glibc
import SystemPackage

/// The namespaces that `ip netns` names: bind mounts under /run/netns.
public enum NamedNamespaces {
  static let directory = "/run/netns"

  /// Where a name is mounted.
  public static func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// Whether there is a namespace of that name.
  public static func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// Makes a namespace and names it, as `ip netns add` does, its loopback interface still down.
  public static func create(_ name: String) throws -> NetworkNamespace {
    guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
      throw NamespaceError("network namespace name \"\(name)\"", errno: .invalidArgument)
    }
    guard mkdir(directory, 0o755) == 0 || Glibc.errno == EEXIST else {
      throw NamespaceError("make \(directory)", errno: Errno(rawValue: Glibc.errno))
    }
    guard clinux_share_mount(directory) == 0 else {
      throw NamespaceError("share \(directory)", errno: Errno(rawValue: Glibc.errno))
    }
    let path = path(name)
    let file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
    guard file >= 0 else {
      throw NamespaceError("make network namespace \(name)", errno: Errno(rawValue: Glibc.errno))
    }
    close(file)
    do {
      try onFreshThread {
        guard clinux_unshare_network() == 0, clinux_bind_mount("/proc/thread-self/ns/net", path) == 0 else {
          throw NamespaceError("make network namespace \(name)", errno: Errno(rawValue: Glibc.errno))
        }
      }
      return try NetworkNamespace(path: path)
    } catch {
      clinux_unmount(path)
      unlink(path)
      throw error
    }
  }

  /// Removes a name, as `ip netns del` does. The namespace lives on while somebody uses it.
  public static func delete(_ name: String) throws(NamespaceError) {
    let path = path(name)
    // A file that was made and not mounted yet (a crash in between) is no mount point: EINVAL.
    guard clinux_unmount(path) == 0 || Glibc.errno == EINVAL, unlink(path) == 0 else {
      throw NamespaceError("delete network namespace \(name)", errno: Errno(rawValue: Glibc.errno))
    }
  }
}
