import LinuxNamespaces
import Netlink
import SystemPackage
public import TraceModel

/// Finds what sits on a parent interface, in whatever namespace it lives.
public struct TopologyScanner: Sendable {
  let parentName: String
  private let containers: any ContainerNaming

  /// Prepares to look at the interface of that name in the calling thread's namespace.
  ///
  /// - Parameter containers: who names the containers; the Docker engine by default.
  public init(parent name: String, containers: any ContainerNaming = DockerEngine()) {
    parentName = name
    self.containers = containers
  }

  /// Reads the topology, for looks that need no word on what could not be seen.
  public func scan() throws(DiscoveryError) -> Topology {
    var limitations: [Degradation] = []
    return try scan(limitations: &limitations)
  }

  /// Reads the topology and the state of every namespace that it reaches into.
  ///
  /// - Parameter limitations: where to say what could not be seen or named.
  /// - Throws: `noSuchInterface` also when the parent ends while it is read.
  public func scan(limitations: inout [Degradation]) throws(DiscoveryError) -> Topology {
    var cache = NamespaceCache()
    var topology = try read(nil, &cache, reaching: .everywhere, &limitations)
    name(&topology, limitations: &limitations)
    return topology
  }

  /// As `scan`, but enters only namespaces that `cache` does not know, and asks nobody for the containers' names.
  ///
  /// - Parameters:
  ///   - ifindex: the parent's number once it is known: it may have another name by now.
  ///   - reach: how far to look for new namespaces; further where a child shows that there is another one.
  func read(
    _ ifindex: UInt32?, _ cache: inout NamespaceCache, reaching reach: NamespaceReach,
    _ limitations: inout [Degradation]
  ) throws(DiscoveryError) -> Topology {
    do {
      return try look(ifindex, &cache, reach, &limitations)
    } catch let error as DiscoveryError {
      throw error
    } catch {
      throw DiscoveryError("read the topology of \(parentName)", error)
    }
  }

  /// How often namespaces are read anew because a child was seen in the parent's filter alone.
  private static let attempts = 3

  private func look(
    _ ifindex: UInt32?, _ cache: inout NamespaceCache, _ reach: NamespaceReach,
    _ limitations: inout [Degradation]
  ) throws -> Topology {
    let host = try NetworkNamespace.current()
    let inode = host.identity.inode
    let socket = try NetlinkSocket()
    // A child that is made or moved while the namespaces are read one after the other is no unreachable one: that
    // is in the filter before and after, and missing in two readings.
    var before = try UnreachableChildren.traces(socket)
    var suspects: Set<UnreachableChildren.Trace> = []
    var attempt = 1
    while true {
      let look = try Look(at: parentName, ifindex, host, socket, &cache, attempt == 1 ? reach : .everywhere)
      let after = try UnreachableChildren.traces(socket)
      let missing = UnreachableChildren.missing(before.intersection(after), on: look.interfaces, in: inode)
      if missing.isSubset(of: suspects) || attempt == Self.attempts {
        try confirm(look.parent, socket)
        limitations += look.limitations
        let unreachable = UnreachableChildren.interfaces(missing, on: look.interfaces, in: inode)
        return topology(look, unreachable)
      }
      cache.forgetAll()
      before = after
      suspects = missing
      attempt += 1
    }
  }

  /// The parent may have ended since its namespace was read, and its children with it.
  private func confirm(_ parent: Netlink.Link, _ socket: NetlinkSocket) throws {
    if try socket.hasLink(parent.ifindex) { return }
    throw DiscoveryError(
      .noSuchInterface, "\(parentName) was deleted or moved away while it was read", errno: .noSuchDevice,
      hint: "try again once it is back")
  }

  private func topology(_ look: Look, _ unreachable: [Interface]) -> Topology {
    var interfaces = look.interfaces
    let used = Set(interfaces.map(\.id.namespace))
    var namespaces: [NamespaceState] = []
    for view in look.views where used.contains(view.inode) {
      guard let content = view.content else { continue }
      namespaces.append(content.state)
      let addresses = Dictionary(grouping: content.addresses, by: \.ifindex)
      for index in interfaces.indices where interfaces[index].id.namespace == view.inode {
        interfaces[index].addresses = addresses[interfaces[index].id.ifindex]?.map(\.prefix) ?? []
      }
    }
    return Topology(
      parent: interfaces[0].id, interfaces: interfaces + unreachable, namespaces: namespaces)
  }

  /// Puts the containers' names in, as their engine knows them now; the parent's own namespace is no container's.
  ///
  /// - Parameter limitations: where to say what could not be named.
  public func name(_ topology: inout Topology, limitations: inout [Degradation]) {
    let children = topology.children.filter { $0.id.namespace != topology.parent.namespace }
    guard !children.isEmpty else { return }
    topology.name(containers.names(for: children, limitations: &limitations))
  }
}

extension Topology {
  /// Puts the containers' names in that another look at the same network knows.
  public mutating func name(asIn other: Topology) {
    let known = other.interfaces.compactMap { one in one.container.map { (one.id, $0) } }
    name(Dictionary(known) { first, _ in first })
  }

  /// Puts containers' names in; the parent's own namespace is no container's.
  mutating func name(_ names: [InterfaceID: Container]) {
    for index in interfaces.indices {
      let id = interfaces[index].id
      guard id.namespace != parent.namespace, let container = names[id] else { continue }
      let label = NamespaceLabel.container(container.name)
      interfaces[index].container = container
      interfaces[index].namespace = label
      for position in namespaces.indices where namespaces[position].id == id.namespace {
        namespaces[position].name = label
      }
    }
  }
}

/// One reading of the parent's namespace and of every other.
private struct Look {
  let parent: Netlink.Link
  /// The parent's namespace first.
  let views: [NamespaceView]
  /// The parent first.
  let interfaces: [Interface]
  let limitations: [Degradation]

  init(
    at name: String, _ ifindex: UInt32?, _ host: NetworkNamespace, _ socket: NetlinkSocket,
    _ cache: inout NamespaceCache, _ reach: NamespaceReach
  ) throws {
    let links = try socket.links()
    parent = try ParentInterface.find(name, ifindex, in: links)
    let stack = InterfaceStack.indexes(on: parent.ifindex, in: links)
    let scan = cache.scan(reach)
    let found = scan.namespace(host.identity) ?? FoundNamespace(identity: host.identity)
    let own = try NamespaceView(host: found, links: links, socket: socket, settingsOf: stack)
    let others = NamespaceReading(scan, host: host, stack: stack, cache: &cache)
    views = [own] + others.views
    interfaces = InterfaceStack.interfaces(on: parent, in: views)
    limitations = others.limitations
  }
}
