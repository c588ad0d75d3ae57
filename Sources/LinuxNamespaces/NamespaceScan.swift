import CLinux
import Glibc
import SystemPackage

/// A network namespace of this machine and what is known of it without entering.
public struct FoundNamespace: Sendable {
  public let identity: NamespaceIdentity
  /// Its names under /run/netns.
  public var names: [String] = []
  /// Files that stand for it; the first is the one to open.
  public var paths: [String] = []
  /// Some processes that live in it, at most four.
  public var pids: [Int32] = []

  /// A namespace of which nothing else is known.
  public init(identity: NamespaceIdentity) {
    self.identity = identity
  }
}

/// Every network namespace of this machine that this process may see.
public struct NamespaceScan: Sendable {
  /// In the order in which they were found: /run/netns, other mounts, processes.
  public private(set) var namespaces: [FoundNamespace] = []
  /// Processes whose namespace this process may not read.
  public private(set) var unreadableProcesses = 0

  private var indexes: [NamespaceIdentity: Int] = [:]

  /// Looks in /run/netns, at every nsfs mount (Docker's /run/docker/netns among them) and at every process.
  ///
  /// What vanishes meanwhile is left out.
  public init() {
    for name in Self.entries(of: NamedNamespaces.directory) {
      note(NamedNamespaces.path(name)) { $0.names.append(name) }
    }
    for path in Self.namespaceMounts() where !path.hasPrefix(NamedNamespaces.directory + "/") {
      note(path) { _ in }
    }
    for entry in Self.entries(of: "/proc") {
      guard let pid = Int32(entry) else { continue }
      note("/proc/\(pid)/ns/net") { found in
        if found.pids.count < 4 { found.pids.append(pid) }
      }
    }
  }

  /// The namespace with that identity.
  public func namespace(_ identity: NamespaceIdentity) -> FoundNamespace? {
    indexes[identity].map { namespaces[$0] }
  }

  private mutating func note(_ path: String, _ change: (inout FoundNamespace) -> Void) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if Glibc.errno == EACCES || Glibc.errno == EPERM { unreadableProcesses += 1 }
      return
    }
    // A plain file under /run/netns, left there by a crash, is no namespace.
    guard path.hasPrefix("/proc/") || clinux_is_namespace_file(path) != 0 else { return }
    let identity = NamespaceIdentity(status)
    let index = indexes[identity] ?? namespaces.count
    if index == namespaces.count {
      indexes[identity] = index
      namespaces.append(FoundNamespace(identity: identity))
    }
    if namespaces[index].paths.count < 4 { namespaces[index].paths.append(path) }
    change(&namespaces[index])
  }

  private static func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The mount points of type nsfs in /proc/self/mountinfo, whose octal escapes are undone.
  private static func namespaceMounts() -> [String] {
    guard let text = ProcFS.read("/proc/self/mountinfo") else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.endIndex, fields[dash + 1] == "nsfs",
        fields.count > 4, fields[3].hasPrefix("net:")
      else { return nil }
      return unescape(fields[4])
    }
  }

  private static func unescape(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
