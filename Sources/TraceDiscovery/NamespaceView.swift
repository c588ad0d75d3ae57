import LinuxNamespaces
import Netlink
import TraceModel

/// One network namespace as a single visit found it; nothing of it is held.
struct NamespaceView: Sendable {
  let found: FoundNamespace
  let links: [Netlink.Link]
  /// What this namespace calls the parent's (`NETNSA_NSID`); `nil` when it has no name for it, or is it.
  let hostID: Int32?
  /// Whether it is the namespace of the parent interface.
  let isHost: Bool
  /// What else was read; `nil` where only links were asked for.
  let content: NamespaceContent?

  var inode: UInt64 { found.identity.inode }

  /// What a person calls it, as long as no container's name is known.
  var label: String { Self.label(found, isHost: isHost) }

  fileprivate static func label(_ found: FoundNamespace, isHost: Bool) -> String {
    if isHost { return NamespaceLabel.host }
    return found.names.first.map(NamespaceLabel.named) ?? NamespaceLabel.inode(found.identity.inode)
  }
}

extension NamespaceView {
  /// The same namespace as it is found now.
  func found(as found: FoundNamespace) -> NamespaceView {
    var content = content
    content?.name(found, label: Self.label(found, isHost: isHost))
    return NamespaceView(found: found, links: links, hostID: hostID, isHost: isHost, content: content)
  }

  /// The parent's namespace, of which only the links are known.
  init(host found: FoundNamespace, links: [Netlink.Link]) {
    self.init(found: found, links: links, hostID: nil, isHost: true, content: nil)
  }

  /// The parent's namespace, which is the calling thread's.
  init(
    host found: FoundNamespace, links: [Netlink.Link], socket: NetlinkSocket, settingsOf stack: Set<UInt32>
  )
    throws(NetlinkError)
  {
    let content = try NamespaceContent(
      of: found, label: Self.label(found, isHost: true),
      interfaces: links.filter { stack.contains($0.ifindex) }.map(\.name), socket)
    self.init(found: found, links: links, hostID: nil, isHost: true, content: content)
  }

  /// Another namespace, which the calling thread has entered; `nil` when nothing in it can sit on `stack`.
  ///
  /// - Parameters:
  ///   - host: the parent's namespace.
  ///   - stack: the interfaces there on which something may sit that is looked for.
  ///   - linksOnly: whether to leave addresses, routes, neighbors and settings alone.
  init?(visiting found: FoundNamespace, host: NetworkNamespace, stack: Set<UInt32>, linksOnly: Bool)
    throws(NetlinkError)
  {
    let socket = try NetlinkSocket()
    let links = try socket.links()
    let crossing = links.filter { $0.isStacked && $0.linkNamespaceID != nil }
    guard !crossing.isEmpty else { return nil }
    let hostID = try socket.namespaceID(of: host)
    // What sits on an interface of a third namespace may reach the parent through that.
    let isOfInterest = crossing.contains { link in
      link.linkNamespaceID != hostID || link.link.map(stack.contains) == true
    }
    guard isOfInterest else { return nil }
    let content =
      linksOnly
      ? nil
      : try NamespaceContent(
        of: found, label: Self.label(found, isHost: false), interfaces: links.filter(\.isStacked).map(\.name),
        socket)
    self.init(found: found, links: links, hostID: hostID, isHost: false, content: content)
  }
}
