import LinuxNamespaces
import SystemPackage
import TraceModel

/// Opens the namespaces of a topology, each for as long as it takes to attach there: held open, a namespace would
/// outlive its container.
struct NamespaceHandles {
  /// The namespace with that inode; throws when it is gone or another took its place.
  static func open(_ inode: UInt64, in topology: Topology) throws -> NetworkNamespace {
    let state = topology.namespace(inode)
    if let namespace = NetworkNamespace.withInode(inode, name: state?.netnsName, pid: state?.pid) {
      return namespace
    }
    // What the topology does not have any more was looked for everywhere, and has ended but for a name at most.
    let scan = NamespaceScan(reaching: state == nil ? .names : .holders)
    if let found = scan.namespaces.first(where: { $0.identity.inode == inode }) { return try found.open() }
    throw NamespaceError("find network namespace net:[\(inode)]", errno: .noSuchFileOrDirectory)
  }
}
