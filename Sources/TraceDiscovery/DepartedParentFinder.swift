import LinuxNamespaces
import Netlink
public import TraceModel

extension DepartedParent {
  /// Looks for a parent that has left the calling thread's namespace in every other, by the MAC address and the kind that
  /// it had, and for its children.
  ///
  /// - Parameter topology: as it was last seen.
  public static func find(_ topology: Topology) -> DepartedParent? {
    guard let parent = topology.parentInterface else { return nil }
    var departed = DepartedParent()
    let wanted = Set(topology.children.map(\.id))
    for found in NamespaceScan().namespaces {
      let read = { @Sendable () throws -> [Netlink.Link] in try NetlinkSocket().links() }
      guard let links = try? found.isCurrent ? read() : found.visit(read) else { continue }
      let inode = found.identity.inode
      departed.survivors += links.map { InterfaceID(namespace: inode, ifindex: $0.ifindex) }.filter(
        wanted.contains)
      let moved = links.filter { isSame($0, parent) }
      guard departed.interface == nil, inode != parent.id.namespace,
        let link = moved.first(where: { $0.name == parent.name }) ?? moved.first
      else { continue }
      departed.interface = Interface(
        link, namespace: inode, label: found.names.first ?? NamespaceLabel.inode(inode), kind: .parent)
      departed.netnsName = found.names.first
      departed.pid = found.pids.first ?? found.threads.first
    }
    return departed
  }

  private static func isSame(_ link: Netlink.Link, _ parent: Interface) -> Bool {
    link.canBeParent && link.mac == parent.mac && parent.mac != nil && link.kind == parent.linkKind
  }
}
