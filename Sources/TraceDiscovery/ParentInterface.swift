import LinuxNamespaces
import Netlink
import SystemPackage
import TraceModel

/// The interface at the bottom of a topology.
enum ParentInterface {
  /// The link of that name, or of the number that it was found under, whatever it is called by now.
  ///
  /// - Throws: when there is none, or nothing can sit on it.
  static func find(_ name: String, _ ifindex: UInt32?, in links: [Netlink.Link]) throws(DiscoveryError)
    -> Netlink.Link
  {
    guard let link = links.first(where: { ifindex == nil ? $0.name == name : $0.ifindex == ifindex }) else {
      let others = links.filter { !$0.isLoopback }.map(\.name).prefix(8).joined(separator: ", ")
      throw DiscoveryError(
        .noSuchInterface, "no interface \(name) in this network namespace", errno: .noSuchDevice,
        hint: others.isEmpty ? "there are no interfaces but loopback" : "there are: \(others)")
    }
    if link.canBeParent { return link }
    guard let kind = InterfaceKind(of: link), kind.isChild else {
      throw DiscoveryError(
        .unsupportedInterface, "\(name) is no Ethernet interface", errno: .notSupported,
        hint: "name the interface that `docker network inspect` shows as \"parent\"")
    }
    let lower = links.first { link.linkNamespaceID == nil && $0.ifindex == link.link }?.name
    throw DiscoveryError(
      .unsupportedInterface, "\(name) is itself a \(link.kind)", errno: .notSupported,
      hint: lower.map { "attach to its parent \($0)" }
        ?? "attach to its parent, in the namespace where that lives")
  }
}

extension TopologyScanner {
  /// The Ethernet interfaces of the calling thread's namespace that carry children or VLANs, or all that could.
  ///
  /// Each namespace is read once, however many interfaces there are.
  public static func parents(includingChildless: Bool = false) throws -> [String] {
    let host = try NetworkNamespace.current()
    let socket = try NetlinkSocket()
    let before = try UnreachableChildren.traces(socket)
    let links = try socket.links()
    let candidates = links.filter(\.canBeParent)
    if includingChildless { return candidates.map(\.name) }
    let scan = NamespaceScan()
    var cache = NamespaceCache()
    let others = NamespaceReading(
      scan, host: host, stack: Set(links.map(\.ifindex)), linksOnly: true, cache: &cache)
    let found = scan.namespace(host.identity) ?? FoundNamespace(identity: host.identity)
    let views = [NamespaceView(host: found, links: links)] + others.views
    let traces = before.intersection(try UnreachableChildren.traces(socket))
    return candidates.filter { parent in
      let stack = InterfaceStack.interfaces(on: parent, in: views)
      let missing = UnreachableChildren.missing(traces, on: stack, in: host.identity.inode)
      return stack.count > 1 || !missing.isEmpty
    }.map(\.name)
  }
}

extension NetlinkSocket {
  /// Whether there is an interface of that number in the socket's namespace.
  func hasLink(_ ifindex: UInt32) throws(NetlinkError) -> Bool {
    do {
      _ = try link(ifindex)
      return true
    } catch {
      if error.errno == .noSuchDevice { return false }
      throw error
    }
  }
}
