import LinuxNamespaces
import Netlink
public import TraceModel

/// Finds and removes the tc filters that killed captures left behind.
public enum FilterSweeper {
  /// Looks at every interface of a topology.
  ///
  /// - Parameter remove: whether what is found is removed too.
  /// - Returns: what was found. Filters of living captures, and everybody else's, are never touched.
  public static func sweep(_ topology: Topology, remove: Bool) -> [Leftover] {
    var leftovers: [Leftover] = []
    for inode in Set(topology.interfaces.map(\.id.namespace)) where inode != 0 {
      guard let namespace = try? NamespaceHandles.open(inode, in: topology),
        let socket = try? NetlinkSocket(in: namespace),
        let disciplines = try? socket.queueingDisciplines()
      else { continue }
      let withClsact = Set(disciplines.filter { $0.kind == "clsact" }.map(\.ifindex))
      for interface in topology.interfaces
      where interface.id.namespace == inode && withClsact.contains(interface.id.ifindex) {
        leftovers += sweep(interface, socket, remove: remove)
      }
    }
    return leftovers
  }

  private static func sweep(_ interface: Interface, _ socket: NetlinkSocket, remove: Bool) -> [Leftover] {
    var leftovers: [Leftover] = []
    var madeClsact = false
    for direction in FilterDirection.allCases {
      for filter in (try? socket.filters(ifindex: interface.id.ifindex, direction: direction)) ?? [] {
        guard let owner = FilterOwner(name: filter.name), !owner.isAlive else { continue }
        var swept = false
        if remove, let results = try? socket.apply([.deleteFilter(filter)]) { swept = results[0] == nil }
        madeClsact = madeClsact || owner.madeClsact
        leftovers.append(
          Leftover(
            interface: interface.label, what: "clsact filter \(filter.name), \(direction)", swept: swept))
      }
    }
    if remove, madeClsact { removeEmptyClsact(interface.id.ifindex, socket) }
    return leftovers
  }

  /// Removes a clsact queueing discipline that has no filters any more.
  static func removeEmptyClsact(_ ifindex: UInt32, _ socket: NetlinkSocket) {
    let isEmpty = FilterDirection.allCases.allSatisfy {
      (try? socket.filters(ifindex: ifindex, direction: $0))?.isEmpty ?? false
    }
    // It may be gone together with its interface: nothing is left to remove then.
    if isEmpty { _ = try? socket.apply([.deleteClsact(ifindex: ifindex)]) }
  }
}
