import CLinux
import Glibc
import SystemPackage

/// A network namespace, held open: it lives at least as long as this value.
public final class NetworkNamespace: Sendable {
  private let descriptor: FileDescriptor
  /// What tells it from every other.
  public let identity: NamespaceIdentity
  /// When the kernel made the file that stands for the namespace, in nanoseconds of CLOCK_REALTIME: with its name or
  /// before. As long as a name or a descriptor holds that file, it stays the same; a namespace that got the same inode
  /// later has another one (fs/nsfs.c).
  public let fileTime: Int64
  /// Where it was opened, which is what messages call it.
  ///
  /// The file may be gone, or stand for another one, by now.
  public let path: String

  /// Opens the namespace that a file stands for, such as `/proc/1/ns/net`.
  public init(path: String) throws(NamespaceError) {
    let (descriptor, status) = try Self.open(path)
    self.path = path
    self.descriptor = descriptor
    identity = NamespaceIdentity(status)
    fileTime = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }

  /// Opens a namespace's file, or nothing: what throws has nothing left open, and nothing to be closed once more.
  private static func open(_ path: String) throws(NamespaceError) -> (FileDescriptor, stat) {
    let descriptor: FileDescriptor
    do {
      // Not to wait for a writer, should the path be a pipe.
      descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw NamespaceError(
        "open network namespace \(path)", errno: error as? Errno ?? .ioError, code: .open)
    }
    var status = stat()
    let cause: Errno?
    if fstat(descriptor.rawValue, &status) != 0 {
      cause = Errno(rawValue: errno)
    } else {
      cause = clinux_is_network_namespace(descriptor.rawValue) == 0 ? .invalidArgument : nil
    }
    guard let cause else { return (descriptor, status) }
    try? descriptor.close()
    throw NamespaceError("\(path) is no network namespace", errno: cause, code: .notANamespace)
  }

  deinit {
    try? descriptor.close()
  }

  /// The namespace of the calling thread.
  public static func current() throws(NamespaceError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// The namespace with that name under /run/netns, as `ip netns` lists it.
  public static func named(_ name: String) throws(NamespaceError) -> NetworkNamespace {
    try NetworkNamespace(path: NamedNamespaces.path(name))
  }

  /// The namespace of a process, which needs the right to inspect that process (ptrace(2)).
  public static func process(_ pid: Int32) throws(NamespaceError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/\(pid)/ns/net")
  }

  /// The namespace with that inode, by a name or a process that it had when it was last seen; `nil` where neither stands
  /// for it any more.
  public static func withInode(_ inode: UInt64, name: String?, pid: Int32?) -> NetworkNamespace? {
    let paths = [
      "/proc/thread-self/ns/net", name.map(NamedNamespaces.path), pid.map { "/proc/\($0)/ns/net" },
    ]
    for case let path? in paths {
      if let namespace = try? NetworkNamespace(path: path), namespace.identity.inode == inode {
        return namespace
      }
    }
    return nil
  }

  /// The descriptor, for requests that name a namespace by one; closed when this value ends.
  public var fileDescriptor: CInt { descriptor.rawValue }

  /// Runs `body` inside the namespace and returns its result.
  ///
  /// A fresh thread enters, runs `body` and ends: it is never used again, and the caller's own namespace never
  /// changes. Sockets and links that `body` makes keep working outside. Blocks the caller meanwhile. Only the
  /// network namespace changes: /sys still shows that of its mount, /proc/sys/net the namespace entered.
  ///
  /// - Throws: `NamespaceError` when the namespace cannot be entered (CAP_SYS_ADMIN), else what `body` throws.
  public func run<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value {
    try onFreshThread {
      guard clinux_setns_network(descriptor.rawValue) == 0 else {
        throw NamespaceError(
          "enter network namespace \(path)", errno: Errno(rawValue: errno), code: .enter)
      }
      return try body()
    }
  }
}
