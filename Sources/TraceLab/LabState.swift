import Glibc
import LinuxNamespaces
import Netlink
import SystemPackage

/// Which namespaces a lab has made: written before and after each is made, so that a lab that was cut short can be
/// removed.
///
/// A line is a name that is about to be made, or a name with the inode of the namespace that was made, its cookie (`-`
/// where the kernel has none) and the time of its file: an inode is given again when its namespace is gone, a cookie never,
/// and a time almost never.
struct LabState {
  /// A namespace that the lab made or was about to make.
  struct Entry {
    var name: String
    /// `nil` when the lab was cut short before it was noted.
    var inode: UInt64?
    /// `nil` also where the kernel has none (before Linux 5.14).
    var cookie: UInt64?
    /// `NetworkNamespace.fileTime`.
    var fileTime: Int64?

    /// Whether a namespace that has the name now is the lab's own.
    func isOwn(_ namespace: NetworkNamespace) -> Bool {
      if let inode, namespace.identity.inode != inode { return false }
      guard let cookie, let current = Self.cookie(of: namespace) else {
        return fileTime == nil || fileTime == namespace.fileTime
      }
      return cookie == current
    }

    static func cookie(of namespace: NetworkNamespace) -> UInt64? {
      (try? NetlinkSocket(in: namespace))?.namespaceCookie
    }
  }

  let path: String

  private static let directory = "/run/macvtrace"

  /// The state of the lab with that prefix; one lab stands for each.
  init(prefix: String) {
    path = "\(Self.directory)/lab\(prefix.isEmpty ? "" : "-" + prefix).state"
  }

  /// The namespaces that were made, in order; `nil` when there is no lab.
  func namespaces() -> [Entry]? {
    guard let text = ProcFS.read(path) else { return nil }
    var entries: [Entry] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let name = words.first.map(String.init) else { continue }
      if entries.last?.name == name { entries.removeLast() }
      let word = { (index: Int) in words.count > index ? words[index] : "" }
      entries.append(
        Entry(
          name: name, inode: UInt64(word(1)), cookie: UInt64(word(2)), fileTime: Int64(word(3))))
    }
    return entries
  }

  /// Begins a lab. Throws when one stands already, also when two begin at once.
  func begin() throws {
    mkdir(Self.directory, 0o755)
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
      try file.close()
    } catch let error as Errno where error == .fileExists {
      throw LabError("a lab is up already: remove it with `macvtrace lab down` first")
    } catch {
      throw failure(error)
    }
  }

  /// Makes a namespace and notes it.
  func makeNamespace(_ name: String) throws -> NetworkNamespace {
    try note(name)
    do {
      let namespace = try NamedNamespaces.create(name)
      let cookie = Entry.cookie(of: namespace).map { "\($0)" } ?? "-"
      try note("\(name) \(namespace.identity.inode) \(cookie) \(namespace.fileTime)")
      return namespace
    } catch let error as NamespaceError where error.errno == .fileExists {
      // Somebody else was faster: no namespace has inode 0, so nothing of that name is the lab's.
      try note("\(name) 0")
      throw error
    }
  }

  private func note(_ line: String) throws {
    do {
      let file = try FileDescriptor.open(path, .writeOnly, options: [.append, .closeOnExec])
      try file.closeAfter { _ = try file.writeAll(Array((line + "\n").utf8)) }
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: any Error) -> LabError {
    let errno = error as? Errno ?? .ioError
    return LabError("write \(path): \(errno) (errno \(errno.rawValue))", errno: errno)
  }

  /// Ends the lab.
  func end() { unlink(path) }
}
