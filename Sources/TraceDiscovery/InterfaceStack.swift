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
    var names = NamespaceNames(views)
    var interfaces = [Interface(parent, namespace: host.inode, label: host.label, kind: .parent)]
    var seen = Set(interfaces.map(\.id))
    var index = 0
    while index < interfaces.count {
      let lower = interfaces[index]
      index += 1
      for view in views {
        let isSame = view.inode == lower.id.namespace
        for link in view.links where link.isStacked && link.link == lower.id.ifindex {
          let name = isSame ? nil : names.name(of: lower.id.namespace, in: view)
          guard let kind = InterfaceKind(of: link),
            sits(link, on: lower.id.ifindex, isSame: isSame, namespaceID: name)
          else { continue }
          var child = Interface(link, namespace: view.inode, label: view.label, kind: kind)
          guard seen.insert(child.id).inserted else { continue }
          child.parent = lower.id
          child.vlan = child.vlan ?? lower.vlan
          interfaces.append(child)
        }
      }
    }
    return interfaces
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
