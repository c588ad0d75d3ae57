public import LinuxNamespaces
import Netlink

/// The tutorial's network out of network namespaces: hosts on a switch, their containers on macvlan.
public struct Lab: Sendable {
  /// What it is made of.
  public let specification: LabSpecification
  private let state: LabState

  private init(_ specification: LabSpecification) {
    self.specification = specification
    state = LabState(prefix: specification.prefix)
  }

  /// Builds a lab. What was made is removed again when something fails.
  ///
  /// Throws when a lab of that prefix is up, or when a namespace of somebody else's has one of the names.
  public static func up(_ specification: LabSpecification) throws -> Lab {
    let lab = Lab(specification)
    try lab.state.begin()
    do {
      for name in specification.namespaceNames where NamedNamespaces.exists(name) {
        throw LabError(
          "there is a network namespace \(name) already, and it is not the lab's: nothing was made")
      }
      try LabBuilder(specification, lab.state).build()
    } catch {
      try down(prefix: specification.prefix)
      throw error
    }
    return lab
  }

  /// Removes the lab with that prefix: exactly what `up` made.
  ///
  /// - Returns: the namespaces that were removed. Throws when there is no lab.
  @discardableResult
  public static func down(prefix: String = "") throws -> [String] {
    let state = LabState(prefix: prefix)
    guard let entries = state.namespaces() else {
      throw LabError("there is no lab: make one with `macvtrace lab up`")
    }
    var removed: [String] = []
    // Children before their parents, the switch last.
    for entry in entries.reversed() where NamedNamespaces.exists(entry.name) {
      let namespace = try? NetworkNamespace.named(entry.name)
      // Another one may have taken the name since.
      if entry.inode != nil, namespace.map(entry.isOwn) != true { continue }
      // A namespace lives as long as a process in it; its links go with its name all the same.
      if let namespace { Self.deleteLinks(in: namespace) }
      try NamedNamespaces.delete(entry.name)
      removed.append(entry.name)
    }
    state.end()
    return removed
  }

  /// The namespace of a host, a container or the `switch`.
  public func namespace(_ name: String) throws -> NetworkNamespace {
    try NetworkNamespace.named(specification.prefix + name)
  }

  /// Runs a command in one of them.
  public func run(_ arguments: [String], in name: String) throws -> CommandResult {
    try CommandRunner.run(arguments, in: try namespace(name))
  }

  /// Removes this lab.
  public func down() throws { try Self.down(prefix: specification.prefix) }

  private static func deleteLinks(in namespace: NetworkNamespace) {
    guard let socket = try? NetlinkSocket(in: namespace), let links = try? socket.links() else { return }
    for link in links where !link.isLoopback {
      // The other end of a pair goes with the first: that the second is gone then is no failure.
      try? socket.delete(link.ifindex)
    }
  }
}
