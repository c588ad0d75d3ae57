import Glibc
public import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage

/// The tutorial's network out of network namespaces: two hosts on a switch, their containers on macvlan.
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
      try lab.build()
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
      if let inode = entry.inode, namespace?.identity.inode != inode { continue }
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

  private func build() throws {
    var sockets: [String: NetlinkSocket] = [:]
    for name in specification.namespaceNames {
      let namespace = try state.makeNamespace(name)
      let socket = try NetlinkSocket(in: namespace)
      try socket.setUp(try socket.link(named: "lo").ifindex, true)
      sockets[name] = socket
    }
    let socket = { (name: String) throws -> NetlinkSocket in
      guard let socket = sockets[specification.prefix + name] else { throw LabError("no namespace \(name)") }
      return socket
    }
    try buildSwitch(socket)
    for (host, name) in LabSpecification.hostNames.enumerated() {
      let own = try socket(name)
      let parent = try own.link(named: LabSpecification.parentName).ifindex
      if let address = LabSpecification.hostAddress(host) { try own.addAddress(parent, address) }
      for container in specification.containers where container.host == host {
        try build(container, parent: parent, on: own, inside: try socket(container.name))
      }
      if host == 0, !specification.parentIsUp { try own.setUp(parent, false) }
    }
    if !specification.hasCarrier {
      let own = try socket("switch")
      try own.setUp(try own.link(named: "port1").ifindex, false)
    }
    if specification.peerIsSilent {
      try namespace("bbox2").run { try ProcFS.write("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1") }
    }
  }

  /// A bridge is the switch: it has a port for each host, and the gateway's address.
  private func buildSwitch(_ socket: (String) throws -> NetlinkSocket) throws {
    let own = try socket("switch")
    try own.createBridge(LinkSpecification("br0"))
    let bridge = try own.link(named: "br0").ifindex
    for (host, name) in LabSpecification.hostNames.enumerated() {
      let port = "port\(host + 1)"
      try own.createVeth(
        LinkSpecification(port),
        LinkSpecification(LabSpecification.parentName, namespace: try namespace(name)))
      let index = try own.link(named: port).ifindex
      try own.setMaster(index, bridge)
      try own.setUp(index, true)
      if specification.reflects { try own.setHairpin(index, true) }
      let hostSocket = try socket(name)
      try hostSocket.setUp(try hostSocket.link(named: LabSpecification.parentName).ifindex, true)
    }
    try own.setUp(bridge, true)
    if let gateway = LabSpecification.gateway { try own.addAddress(bridge, gateway) }
  }

  private func build(
    _ container: LabSpecification.Container, parent: UInt32, on host: NetlinkSocket, inside: NetlinkSocket
  ) throws {
    let inner = try namespace(container.name)
    try host.createMacvlan(
      LinkSpecification("eth0", namespace: inner), parent: parent, mode: container.mode)
    let child = try inside.link(named: "eth0").ifindex
    try inside.addAddress(child, container.address)
    if container.isUp { try inside.setUp(child, true) }
  }
}
