import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
public import TraceModel

/// Finds what sits on a parent interface, in whatever namespace it lives.
public struct TopologyScanner: Sendable {
  private let parentName: String
  private let containers: any ContainerNaming

  /// Prepares to look at the interface of that name in the calling thread's namespace.
  ///
  /// - Parameter containers: who names the containers; the Docker engine by default.
  public init(parent name: String, containers: any ContainerNaming = DockerEngine()) {
    parentName = name
    self.containers = containers
  }

  /// Reads the topology and the state of every namespace that it reaches into.
  public func scan() throws(DiscoveryError) -> Topology {
    do {
      return try read()
    } catch let error as DiscoveryError {
      throw error
    } catch {
      let errno = (error as? NetlinkError)?.errno ?? (error as? NamespaceError)?.errno ?? .ioError
      let isPermission = errno == .permissionDenied || errno == .notPermitted
      throw DiscoveryError(
        isPermission ? .notPermitted : .system, "read the topology of \(parentName): \(error)", errno: errno,
        hint: isPermission ? "run it as root (sudo)" : "try again: the network may be changing")
    }
  }

  private func read() throws -> Topology {
    let views = try namespaceViews()
    guard let host = views.first(where: \.isHost) else {
      throw NamespaceError("find the current network namespace", errno: .noSuchFileOrDirectory)
    }
    let parentLink = try parent(in: host)
    var interfaces = [interface(parentLink, in: host, kind: .parent)]
    try collectDescendants(of: &interfaces, in: views)
    interfaces += try unreachableChildren(of: parentLink, in: host, known: interfaces)

    var namespaces: [NamespaceState] = []
    for view in views where interfaces.contains(where: { $0.id.namespace == view.inode }) {
      let own = interfaces.filter { $0.id.namespace == view.inode }
      // A namespace may die between the two looks: its interfaces are then gone, too.
      guard let (state, addresses) = try? view.state(of: own) else {
        interfaces.removeAll { $0.id.namespace == view.inode && $0.kind != .parent }
        continue
      }
      for index in interfaces.indices where interfaces[index].id.namespace == view.inode {
        let ifindex = interfaces[index].id.ifindex
        interfaces[index].addresses = addresses.filter { $0.ifindex == ifindex }.map(\.prefix)
      }
      namespaces.append(state)
    }
    name(&interfaces, &namespaces)
    return Topology(parent: interfaces[0].id, interfaces: interfaces, namespaces: namespaces)
  }

  /// The current namespace first, then every other that has links which could belong to the parent.
  private func namespaceViews() throws -> [NamespaceView] {
    let current = try NetworkNamespace.current()
    let scan = NamespaceScan()
    let socket = try NetlinkSocket()
    let own = scan.namespace(current.identity) ?? FoundNamespace(identity: current.identity)
    var views = [
      NamespaceView(namespace: current, socket: socket, found: own, links: try socket.links(), isHost: true)
    ]
    for found in scan.namespaces where found.identity != current.identity {
      guard let path = found.paths.first, let namespace = try? NetworkNamespace(path: path),
        namespace.identity == found.identity, let socket = try? NetlinkSocket(in: namespace),
        let links = try? socket.links(), links.contains(where: { Self.kind(of: $0) != nil })
      else { continue }
      views.append(
        NamespaceView(namespace: namespace, socket: socket, found: found, links: links, isHost: false))
    }
    return views
  }

  private func parent(in host: NamespaceView) throws -> Netlink.Link {
    guard let link = host.links.first(where: { $0.name == parentName }) else {
      let others = host.links.filter { !$0.isLoopback }.map(\.name).prefix(8).joined(separator: ", ")
      throw DiscoveryError(
        .noSuchInterface, "no interface \(parentName) in this network namespace",
        errno: Errno(rawValue: ENODEV),
        hint: others.isEmpty ? "there are no interfaces but loopback" : "there are: \(others)")
    }
    guard link.hardwareType == 1, !link.isLoopback else {
      throw DiscoveryError(
        .unsupportedInterface, "\(parentName) is no Ethernet interface", errno: .notSupported,
        hint: "name the interface that `docker network inspect` shows as \"parent\"")
    }
    if let kind = Self.kind(of: link), kind.isChild {
      let lower = host.links.first { link.linkNamespaceID == nil && $0.ifindex == link.link }?.name
      throw DiscoveryError(
        .unsupportedInterface, "\(parentName) is itself a \(link.kind)", errno: .notSupported,
        hint: lower.map { "attach to its parent \($0)" }
          ?? "attach to its parent, in the namespace where that lives")
    }
    return link
  }

  /// What a link can be to a parent; `nil` for what never sits on one.
  private static func kind(of link: Netlink.Link) -> InterfaceKind? {
    switch link.kind {
    case "macvlan": .macvlan
    case "macvtap": .macvtap
    case "ipvlan", "ipvtap": .ipvlan
    case "vlan": .vlan
    default: nil
    }
  }

  /// Adds everything whose link below is already there, until nothing is added any more: VLANs on the parent,
  /// children on it, children on the VLANs.
  private func collectDescendants(of interfaces: inout [Interface], in views: [NamespaceView]) throws {
    var remaining = views.map { view in view.links.filter { Self.kind(of: $0) != nil && $0.link != nil } }
    var names: [[UInt64: Int32]] = views.map { _ in [:] }
    var frontier = interfaces
    while let lower = frontier.first {
      frontier.removeFirst()
      guard let lowerView = views.first(where: { $0.inode == lower.id.namespace }) else { continue }
      for (index, view) in views.enumerated() {
        guard remaining[index].contains(where: { $0.link == lower.id.ifindex }) else { continue }
        if view.inode != lowerView.inode, names[index][lowerView.inode] == nil {
          // A namespace that this one has no name for cannot hold its links' lower ends.
          names[index][lowerView.inode] = (try? view.socket.namespaceID(of: lowerView.namespace)) ?? -1
        }
        let sits = { (link: Netlink.Link) in
          guard link.link == lower.id.ifindex else { return false }
          if view.inode == lowerView.inode { return link.linkNamespaceID == nil }
          return link.linkNamespaceID != nil && link.linkNamespaceID == names[index][lowerView.inode]
        }
        for link in remaining[index] where sits(link) {
          var child = interface(link, in: view, kind: Self.kind(of: link) ?? .other)
          child.parent = lower.id
          child.vlan = child.vlan ?? lower.vlan
          interfaces.append(child)
          frontier.append(child)
        }
        remaining[index].removeAll(where: sits)
      }
    }
  }

  private func interface(_ link: Netlink.Link, in view: NamespaceView, kind: InterfaceKind) -> Interface {
    var interface = Interface(
      id: InterfaceID(namespace: view.inode, ifindex: link.ifindex), name: link.name, namespace: view.label,
      kind: kind, mac: link.mac)
    interface.vlan = link.vlanID
    interface.mode = Self.mode(of: link)
    interface.up = link.isUp
    interface.carrier = link.carrier
    interface.promiscuous = link.isPromiscuous
    interface.promiscuity = Int(link.promiscuity)
    interface.mtu = Int(link.mtu)
    interface.linkKind = link.kind
    interface.master = link.master.map { InterfaceID(namespace: view.inode, ifindex: $0) }
    interface.allowedSources = link.macvlanSources
    interface.macvlanFlags = link.macvlanFlags
    interface.statistics = link.statistics.map { statistics in
      var values = InterfaceStatistics()
      values.receivedFrames = statistics.receivedPackets
      values.receivedBytes = statistics.receivedBytes
      values.receiveDropped = statistics.receiveDropped
      values.receiveErrors = statistics.receiveErrors
      values.receivedForOtherHost = statistics.receivedForOtherHost
      values.sentFrames = statistics.sentPackets
      values.sentBytes = statistics.sentBytes
      values.sendDropped = statistics.sendDropped
      values.sendErrors = statistics.sendErrors
      return values
    }
    return interface
  }

  private static func mode(of link: Netlink.Link) -> ChildMode? {
    if let mode = link.macvlanMode.flatMap(MacvlanMode.init(rawValue:)) {
      switch mode {
      case .private: return .private
      case .vepa: return .vepa
      case .bridge: return .bridge
      case .passthru: return .passthru
      case .source: return .source
      }
    }
    switch link.ipvlanMode {
    case 0: return .l2
    case 1: return .l3
    case 2: return .l3s
    default: return nil
    }
  }

  /// Children in namespaces that this process cannot see: the parent's filter holds their MAC addresses.
  private func unreachableChildren(of parent: Netlink.Link, in host: NamespaceView, known: [Interface]) throws
    -> [Interface]
  {
    let knownMACs = Set(known.compactMap(\.mac))
    let entries = try host.socket.forwardingEntries().filter { entry in
      entry.ifindex == parent.ifindex && entry.isSelfPermanent && !entry.mac.isMulticast
        && !knownMACs.contains(entry.mac)
    }
    return entries.map(\.mac).sorted().enumerated().map { index, mac in
      var child = Interface(
        id: InterfaceID(namespace: 0, ifindex: UInt32(index + 1)), name: "?", namespace: "unreachable",
        kind: .macvlan, mac: mac)
      child.parent = InterfaceID(namespace: host.inode, ifindex: parent.ifindex)
      child.up = true
      child.carrier = true
      return child
    }
  }

  /// Puts the containers' names in.
  private func name(_ interfaces: inout [Interface], _ namespaces: inout [NamespaceState]) {
    guard interfaces.contains(where: \.kind.isChild) else { return }
    let names = containers.names(for: interfaces.filter(\.kind.isChild))
    for index in interfaces.indices {
      guard let container = names[interfaces[index].id] else { continue }
      interfaces[index].container = container
      guard interfaces[index].namespace != "host" else { continue }
      interfaces[index].namespace = container.name
      let inode = interfaces[index].id.namespace
      for position in namespaces.indices where namespaces[position].id == inode {
        namespaces[position].name = container.name
      }
    }
  }
}

/// Somebody who knows which container an interface belongs to.
public protocol ContainerNaming: Sendable {
  /// The containers of those of the children that belong to one; never an error.
  func names(for children: [Interface]) -> [InterfaceID: Container]
}

extension TopologyScanner {
  /// The Ethernet interfaces of the calling thread's namespace that carry children or VLANs, or all that could.
  public static func parents(includingChildless: Bool = false) throws -> [String] {
    let links = try NetlinkSocket().links()
    let candidates = links.filter { link in
      link.hardwareType == 1 && !link.isLoopback && kind(of: link)?.isChild != true
    }.map(\.name)
    if includingChildless { return candidates }
    return try candidates.filter { name in
      try TopologyScanner(parent: name, containers: NoContainers()).scan().interfaces.count > 1
    }
  }
}

/// Nobody who knows containers: for looks that need no names.
private struct NoContainers: ContainerNaming {
  func names(for children: [Interface]) -> [InterfaceID: Container] { [:] }
}
