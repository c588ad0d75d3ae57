import CLinux
import Glibc

/// A network namespace of this machine and what is known of it without entering.
public struct FoundNamespace: Sendable {
  /// What tells it from every other.
  public let identity: NamespaceIdentity
  /// Its names under /run/netns.
  public var names: [String] = []
  /// Files that stand for it, at most four; the first is the one to open.
  public var paths: [String] = []
  /// Some processes that live in it, at most four: those with the lowest numbers.
  public var pids: [Int32] = []
  /// Whether it is that of the thread that made the scan.
  public var isCurrent = false

  /// Describes a namespace of which only the identity is known.
  public init(identity: NamespaceIdentity) { self.identity = identity }
}

/// Every network namespace of this machine that this process may see.
///
/// A namespace that only a thread other than its process's first, a socket or a descriptor holds is not found.
public struct NamespaceScan: Sendable {
  /// In the order in which they were found: /run/netns, other mounts, processes.
  public private(set) var namespaces: [FoundNamespace] = []
  /// Processes whose namespace this process may not read.
  public private(set) var unreadableProcesses = 0

  private var indexes: [NamespaceIdentity: Int] = [:]
  private static let kept = 4

  /// Looks in /run/netns, at every nsfs mount (Docker's /run/docker/netns among them) and at every process.
  ///
  /// What vanishes meanwhile is left out.
  public init() {
    for name in DirectoryListing.names(in: NamedNamespaces.directory).sorted() {
      let path = NamedNamespaces.path(name)
      // A plain file, left there by a crash, is no namespace.
      guard clinux_is_namespace_file(path) != 0 else { continue }
      note(path) { $0.names.append(name) }
    }
    for path in MountTable.networkNamespaces() where !path.hasPrefix(NamedNamespaces.directory + "/") {
      guard clinux_is_namespace_file(path) != 0 else { continue }
      note(path) { _ in }
    }
    for pid in DirectoryListing.names(in: "/proc").compactMap({ Int32($0) }).sorted() {
      note("/proc/\(pid)/ns/net") { found in
        if found.pids.count < Self.kept { found.pids.append(pid) }
      }
    }
    var status = stat()
    guard stat("/proc/thread-self/ns/net", &status) == 0 else { return }
    if let index = indexes[NamespaceIdentity(status)] { namespaces[index].isCurrent = true }
  }

  /// The namespace with that identity.
  public func namespace(_ identity: NamespaceIdentity) -> FoundNamespace? {
    indexes[identity].map { namespaces[$0] }
  }

  private mutating func note(_ path: String, _ change: (inout FoundNamespace) -> Void) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == EACCES || errno == EPERM { unreadableProcesses += 1 }
      return
    }
    let identity = NamespaceIdentity(status)
    let index = indexes[identity] ?? namespaces.count
    if index == namespaces.count {
      indexes[identity] = index
      namespaces.append(FoundNamespace(identity: identity))
    }
    if namespaces[index].paths.count < Self.kept, !namespaces[index].paths.contains(path) {
      namespaces[index].paths.append(path)
    }
    change(&namespaces[index])
  }
}

/// The entries of a directory.
enum DirectoryListing {
  /// Their names without "." and "..", in no order; empty when it cannot be read.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
