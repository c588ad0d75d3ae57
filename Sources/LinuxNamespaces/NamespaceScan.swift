import CLinux
import Glibc

/// Every network namespace of this machine that this process may see.
///
/// Not found is a namespace that only a socket, a mount in another mount namespace or this process itself holds.
public struct NamespaceScan: Sendable {
  /// In the order in which they were found: /run/netns, other mounts, processes, threads, descriptors.
  public private(set) var namespaces: [FoundNamespace] = []
  /// Processes whose namespace this process may not read; `nil` for a scan that does not reach to processes.
  public private(set) var unreadableProcesses: Int?

  /// How far a scan looks.
  public enum Reach: Sendable {
    /// At names and mounts: what runs containers mounts their namespaces.
    case names
    /// At processes, too: a system call for each.
    case processes
    /// At the threads and the descriptors of every process, too: some for each of those.
    case holders
  }

  private var indexes: [NamespaceIdentity: Int] = [:]
  private static let kept = 4

  /// Looks in /run/netns, at every nsfs mount (Docker's /run/docker/netns among them), at every process, and at
  /// the threads and the descriptors of every process but this one, as far as it is to reach.
  ///
  /// What vanishes meanwhile is left out.
  ///
  /// - Parameter known: what an earlier scan found; found again, too, is what one of its files still stands for.
  public init(reaching reach: Reach = .holders, known earlier: [FoundNamespace] = []) {
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
    for one in earlier { noteAgain(one, reach) }
    if reach != .names { noteProcesses(reach) }
    let current = NamespaceIdentity(ofFile: "/proc/thread-self/ns/net")
    if let index = current.flatMap({ indexes[$0] }) { namespaces[index].isCurrent = true }
  }

  /// The namespace with that identity.
  public func namespace(_ identity: NamespaceIdentity) -> FoundNamespace? {
    indexes[identity].map { namespaces[$0] }
  }

  /// Adds one that is known otherwise to be alive.
  public mutating func add(_ namespace: FoundNamespace) {
    guard indexes[namespace.identity] == nil else { return }
    indexes[namespace.identity] = namespaces.count
    namespaces.append(namespace)
  }

  private mutating func noteAgain(_ earlier: FoundNamespace, _ reach: Reach) {
    let isIts = { (path: String) in NamespaceIdentity(ofFile: path) == earlier.identity }
    for path in earlier.paths where isIts(path) { note(path) { _ in } }
    guard let index = indexes[earlier.identity] else { return }
    if reach == .names { namespaces[index].pids = earlier.pids.filter { isIts("/proc/\($0)/ns/net") } }
    if reach != .holders {
      namespaces[index].threads = earlier.threads.filter { isIts("/proc/\($0)/ns/net") }
    }
  }

  private mutating func noteProcesses(_ reach: Reach) {
    let processes = DirectoryListing.names(in: "/proc").compactMap { Int32($0) }.sorted()
    unreadableProcesses = 0
    for pid in processes {
      note("/proc/\(pid)/ns/net") { found in
        if found.pids.count < Self.kept { found.pids.append(pid) }
      }
    }
    guard reach == .holders else { return }
    let own = getpid()
    // What is known by now is best opened by what is known.
    let holders = inParallel(processes.filter { $0 != own }) { [indexes] pid in
      (Self.threads(of: pid) + Self.descriptors(of: pid)).filter { indexes[$0.identity] == nil }
    }
    for holder in holders.joined() {
      note(holder.path, holder.identity) { found in
        if let thread = holder.thread, found.threads.count < Self.kept { found.threads.append(thread) }
      }
    }
  }

  /// A thread that is in a namespace, or a descriptor of it.
  private struct Holder {
    let path: String
    let identity: NamespaceIdentity
    let thread: Int32?
  }

  private static func threads(of pid: Int32) -> [Holder] {
    let directory = "/proc/\(pid)/task"
    return DirectoryListing.names(in: directory).compactMap { Int32($0) }.sorted().compactMap { thread in
      let path = "\(directory)/\(thread)/ns/net"
      guard thread != pid, let identity = NamespaceIdentity(ofFile: path) else { return nil }
      return Holder(path: path, identity: identity, thread: thread)
    }
  }

  private static func descriptors(of pid: Int32) -> [Holder] {
    let directory = "/proc/\(pid)/fd"
    return DirectoryListing.names(in: directory).compactMap { descriptor in
      let path = "\(directory)/\(descriptor)"
      guard SymbolicLink.canBeNamespace(path), clinux_is_namespace_file(path) != 0,
        let identity = NamespaceIdentity(ofFile: path)
      else { return nil }
      return Holder(path: path, identity: identity, thread: nil)
    }
  }

  private mutating func note(_ path: String, _ change: (inout FoundNamespace) -> Void) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == EACCES || errno == EPERM { unreadableProcesses? += 1 }
      return
    }
    note(path, NamespaceIdentity(status), change)
  }

  private mutating func note(
    _ path: String, _ identity: NamespaceIdentity, _ change: (inout FoundNamespace) -> Void
  ) {
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
