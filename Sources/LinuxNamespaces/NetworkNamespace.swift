import CLinux
import Glibc
import SystemPackage

/// What tells one network namespace from another: the device and inode of its nsfs file.
public struct NamespaceIdentity: Hashable, Sendable {
  public let device: UInt64
  /// What `readlink /proc/self/ns/net` shows.
  public let inode: UInt64

  /// The identity of an open or named nsfs file.
  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// A network namespace, held open: it lives at least as long as this value.
public final class NetworkNamespace: Sendable {
  private let descriptor: FileDescriptor
  /// What tells it from every other.
  public let identity: NamespaceIdentity
  /// Where it was opened: what messages call it.
  public let path: String

  /// Opens the namespace that a file stands for, such as `/proc/1/ns/net`.
  public init(path: String) throws(NamespaceError) {
    self.path = path
    do {
      descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    } catch {
      throw NamespaceError("open network namespace \(path)", errno: error as? Errno ?? .ioError)
    }
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else {
      let cause = Errno(rawValue: Glibc.errno)
      try? descriptor.close()
      throw NamespaceError("identify network namespace \(path)", errno: cause)
    }
    identity = NamespaceIdentity(status)
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

  /// The namespace of a process.
  public static func process(_ pid: Int32) throws(NamespaceError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/\(pid)/ns/net")
  }

  /// Runs `body` inside the namespace and returns its result.
  ///
  /// A fresh thread enters, runs `body` and ends: it is never used again, and the caller's own namespace never
  /// changes. Sockets and links that `body` makes keep working outside. Blocks the caller meanwhile.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let descriptor = descriptor
    let path = path
    return try onFreshThread {
      guard clinux_setns_network(descriptor.rawValue) == 0 else {
        throw NamespaceError("enter network namespace \(path)", errno: Errno(rawValue: Glibc.errno))
      }
      return try body()
    }
  }
}

/// Runs `body` on a thread made for it, waits for it to end and returns its result.
public func onFreshThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let job = ThreadJob(body)
  // Type-erased, as a C function pointer cannot capture the generic type.
  let work = Unmanaged.passRetained(ThreadWork { job.result = Result { try job.body() } })
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, work.toOpaque())
  guard status == 0 else {
    work.release()
    throw NamespaceError("start a thread", errno: Errno(rawValue: status))
  }
  pthread_join(thread, nil)
  guard let result = job.result else { throw NamespaceError("run on a thread", errno: .interrupted) }
  return try result.get()
}

/// Written by the fresh thread, read after it was joined.
private final class ThreadJob<Value: Sendable>: @unchecked Sendable {
  let body: @Sendable () throws -> Value
  var result: Result<Value, any Error>?
  init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }
}

private final class ThreadWork {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
