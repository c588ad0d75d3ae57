import CLinux
import Glibc
public import LinuxNamespaces
import SystemPackage

extension NetlinkSocket {
  /// Every link of the namespace.
  public func links() throws(NetlinkError) -> [Link] {
    var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendZeros(16)
    return try dump(request, "list the links") { $0.type == RTM_NEWLINK ? Link($0) : nil }
  }

  /// The link of that name; throws `ENODEV` when there is none.
  public func link(named name: String) throws(NetlinkError) -> Link {
    var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendZeros(16)
    request.attribute(IFLA_IFNAME, name)
    return try one(request, "find interface \(name)")
  }

  /// The link of that number; throws `ENODEV` when there is none.
  public func link(_ ifindex: UInt32) throws(NetlinkError) -> Link {
    var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendZeros(4)
    request.append(ifindex)
    request.appendZeros(8)
    return try one(request, "find interface number \(ifindex)")
  }

  /// Whether the namespace that this socket's knows by that id still lives: that has a loopback interface, which can be
  /// asked for (`IFLA_TARGET_NETNSID`).
  public func isAlive(namespaceID: Int32) -> Bool {
    var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendZeros(4)
    request.append(UInt32(1))
    request.appendZeros(8)
    request.attribute(IFLA_TARGET_NETNSID, UInt32(bitPattern: namespaceID))
    do {
      _ = try one(request, "look into network namespace \(namespaceID)")
      return true
    } catch {
      // Whatever else is wrong says nothing about it.
      return error.errno != .invalidArgument
    }
  }

  private func one(_ request: MessageBuilder, _ what: String) throws(NetlinkError) -> Link {
    let links = try self.request(request, what) { $0.type == RTM_NEWLINK ? Link($0) : nil }
    guard let link = links.first else { throw NetlinkError(what, errno: Errno(rawValue: ENODEV)) }
    return link
  }

  /// What this socket's namespace calls another one (`RTM_GETNSID`); `nil` when it has no name for it.
  ///
  /// A namespace has a name for every other that a link of its own points to: see `Link.linkNamespaceID`.
  public func namespaceID(of namespace: NetworkNamespace) throws(NetlinkError) -> Int32? {
    var request = MessageBuilder(type: RTM_GETNSID, flags: NLM_F_REQUEST | NLM_F_ACK)
    // struct rtgenmsg, padded.
    request.appendZeros(4)
    request.attribute(NETNSA_FD, UInt32(bitPattern: namespace.fileDescriptor))
    let ids = try self.request(request, "find the id of network namespace \(namespace.path)") {
      $0.attributes(behind: 4)?.integer(NETNSA_NSID, as: Int32.self)
    }
    // The descriptor has to be open until the kernel has answered.
    return withExtendedLifetime(namespace) { ids.first.flatMap { $0 >= 0 ? $0 : nil } }
  }

  /// Has the kernel choose an id by which this socket's namespace knows another one (`RTM_NEWNSID`), as it does by
  /// itself when a link between the two is listed.
  ///
  /// It lasts until one of the two ends. Throws `EEXIST` where there is one already.
  public func assignNamespaceID(to namespace: NetworkNamespace) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_NEWNSID, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendZeros(4)
    // NETNSA_NSID_NOT_ASSIGNED: the next that is free.
    request.attribute(NETNSA_NSID, UInt32.max)
    request.attribute(NETNSA_FD, UInt32(bitPattern: namespace.fileDescriptor))
    try withExtendedLifetime(namespace) { () throws(NetlinkError) in
      try self.request(request, "give network namespace \(namespace.path) an id")
    }
  }
}
