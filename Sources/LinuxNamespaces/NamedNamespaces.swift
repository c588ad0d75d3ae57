import CLinux
import Glibc
import SystemPackage

/// The namespaces that `ip netns` names: bind mounts under /run/netns (ip-netns(8)).
public enum NamedNamespaces {
  static let directory = "/run/netns"

  /// Where a name is mounted.
  public static func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// Whether there is a namespace of that name, or what a crash left of one.
  public static func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// Makes a namespace and names it, as `ip netns add` does, its loopback interface still down.
  ///
  /// Fails with `EEXIST` where the name is taken.
  public static func create(_ name: String) throws -> NetworkNamespace {
    let failure = { (what: String, errno: Errno) in NamespaceError(what, errno: errno, code: .create) }
    guard isValid(name) else {
      throw failure("network namespace name \"\(name)\"", .invalidArgument)
    }
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw failure("make \(directory)", Errno(rawValue: errno))
    }
    guard clinux_share_mount(directory) == 0 else {
      throw failure("share \(directory)", Errno(rawValue: errno))
    }
    let path = path(name)
    let file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
    guard file >= 0 else { throw failure("make network namespace \(name)", Errno(rawValue: errno)) }
    close(file)
    do {
      try onFreshThread {
        guard clinux_unshare_network() == 0, clinux_bind_mount("/proc/thread-self/ns/net", path) == 0 else {
          throw NamespaceError(
            "make network namespace \(name)", errno: Errno(rawValue: errno), code: .create)
        }
      }
      return try NetworkNamespace(path: path)
    } catch {
      clinux_unmount(path)
      unlink(path)
      throw error
    }
  }

  /// Removes a name, as `ip netns delete` does; the namespace lives on while somebody uses it.
  public static func delete(_ name: String) throws(NamespaceError) {
    guard isValid(name) else {
      throw NamespaceError("network namespace name \"\(name)\"", errno: .invalidArgument, code: .delete)
    }
    let path = path(name)
    // A file that was made and not mounted yet (a crash in between) is no mount point: EINVAL.
    guard clinux_unmount(path) == 0 || errno == EINVAL, unlink(path) == 0 else {
      throw NamespaceError(
        "delete network namespace \(name)", errno: Errno(rawValue: errno), code: .delete)
    }
  }

  /// One component of a path: a name never leads out of the directory.
  private static func isValid(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }
}

extension NetworkNamespace {
  /// Makes a namespace and names it, as `ip netns add` does, its loopback interface still down.
  public static func create(named name: String) throws -> NetworkNamespace {
    try NamedNamespaces.create(name)
  }

  /// Removes a name, as `ip netns delete` does; the namespace lives on while somebody uses it.
  public static func delete(named name: String) throws(NamespaceError) {
    try NamedNamespaces.delete(name)
  }
}
