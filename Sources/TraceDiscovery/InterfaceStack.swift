import LinuxNamespaces
import Netlink
import TraceModel

/// What sits on what, across namespaces (`IFLA_LINK` and `IFLA_LINK_NETNSID`).
enum InterfaceStack {
  /// The number of a link and of all that sits on it in the same namespace.
  static func indexes(on ifindex: UInt32, in links: [Netlink.Link]) -> Set<UInt32> {
    var stack: Set<UInt32> = [ifindex]
    var frontier = [ifindex]
    while let lower = frontier.popLast() {
      for link in links where link.isStacked && link.linkNamespaceID == nil && link.link == lower {
        if stack.insert(link.ifindex).inserted { frontier.append(link.ifindex) }
      }
    }
    return stack
  }

  /// Whether a link sits on an interface of another namespace, or of its own.
  ///
  /// - Parameters:
  ///   - ifindex: the lower interface's number in its namespace.
  ///   - isSame: whether that is the link's own.
  ///   - namespaceID: what the link's namespace calls the lower one's; `nil` when it has no name for it. A
  ///     negative one is none (`NETNSA_NSID_NOT_ASSIGNED`) and never equals another.
  static func sits(_ link: Netlink.Link, on ifindex: UInt32, isSame: Bool, namespaceID: Int32?) -> Bool {
    guard link.isStacked, link.link == ifindex else { return false }
    if isSame { return link.linkNamespaceID == nil }
    guard let id = link.linkNamespaceID, let namespaceID, id >= 0 else { return false }
    return id == namespaceID
  }

  /// Everything that sits on the parent, the parent first: VLANs on it, children on it, children on the VLANs.
  ///
  /// - Parameter views: the parent's namespace first.
  static func interfaces(on parent: Netlink.Link, in views: [NamespaceView]) -> [Interface] {
    guard let host = views.first else { return [] }
    let uppers = UpperLinks(views)
    var names = NamespaceNames(views)
    var interfaces = [Interface(parent, namespace: host.inode, label: host.label, kind: .parent)]
    let handlers = ReceiveHandlers(views)
    interfaces[0].receiveHandler = handlers.owner(of: parent, in: host)
    var seen = Set(interfaces.map(\.id))
    var index = 0
    while index < interfaces.count {
      let lower = interfaces[index]
      index += 1
      for (view, link) in uppers.candidates(on: lower.id) {
        let isSame = view.inode == lower.id.namespace
        let name = isSame ? nil : names.name(of: lower.id.namespace, in: view)
        guard let kind = InterfaceKind(of: link),
          sits(link, on: lower.id.ifindex, isSame: isSame, namespaceID: name)
        else { continue }
        var child = Interface(link, namespace: view.inode, label: view.label, kind: kind)
        guard seen.insert(child.id).inserted else { continue }
        child.parent = lower.id
        child.vlan = child.vlan ?? lower.vlan
        child.receiveHandler = handlers.owner(of: link, in: view)
        interfaces.append(child)
        if kind.isChild { interfaces[index - 1].receiveHandler = ReceiveHandlers.ownedByChildren(kind) }
      }
    }
    return interfaces
  }
}

/// The stacked links of a reading by the interface below them: containers number theirs alike, so that a look at all of
/// them for each would take the square of their number.
private struct UpperLinks {
  private struct Lower: Hashable {
    var ifindex: UInt32
    /// `nil`: another namespace than the link's own and the parent's; which one is to be asked.
    var namespace: UInt64?
  }

  private let views: [NamespaceView]
  private var links: [Lower: [(view: Int, link: Netlink.Link)]] = [:]

  init(_ views: [NamespaceView]) {
    self.views = views
    guard let host = views.first else { return }
    for (position, view) in views.enumerated() {
      for link in view.links where link.isStacked {
        guard let below = link.link else { continue }
        let namespace: UInt64? =
          if let id = link.linkNamespaceID { id == view.hostID ? host.inode : nil } else { view.inode }
        links[Lower(ifindex: below, namespace: namespace), default: []].append((position, link))
      }
    }
  }

  /// What may sit on an interface.
  func candidates(on lower: InterfaceID) -> [(NamespaceView, Netlink.Link)] {
    [lower.namespace, nil].flatMap { links[Lower(ifindex: lower.ifindex, namespace: $0)] ?? [] }
      .map { (views[$0.view], $0.link) }
  }
}

/// What the namespaces of a reading call each other; asked for only where something sits on a third namespace's.
private struct NamespaceNames {
  private struct Pair: Hashable {
    var namespace: UInt64
    var other: UInt64
  }

  private let namespaces: [UInt64: FoundNamespace]
  private let host: UInt64?
  private var known: [Pair: Int32?] = [:]

  init(_ views: [NamespaceView]) {
    namespaces = Dictionary(views.map { ($0.inode, $0.found) }) { first, _ in first }
    host = views.first?.inode
  }

  /// What the namespace of `view` calls another one; `nil` when it has no name for it, or one of them has ended.
  mutating func name(of other: UInt64, in view: NamespaceView) -> Int32? {
    if other == host { return view.hostID }
    let pair = Pair(namespace: view.inode, other: other)
    if let name = known[pair] { return name }
    let name = ask(other, view)
    known[pair] = .some(name)
    return name
  }

  private func ask(_ other: UInt64, _ view: NamespaceView) -> Int32? {
    guard let lower = try? namespaces[other]?.open() else { return nil }
    let ask = { @Sendable () throws -> Int32? in try NetlinkSocket().namespaceID(of: lower) }
    let answer = view.isHost ? try? ask() : try? view.found.visit(ask)
    guard case .some(.some(let name)) = answer else { return nil }
    return name
  }
}
