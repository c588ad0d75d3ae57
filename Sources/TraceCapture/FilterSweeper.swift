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
    var living: [ProcessIdentity: Bool] = [:]
    for inode in Set(topology.interfaces.map(\.id.namespace)) where inode != 0 {
      guard let namespace = try? NamespaceHandles.open(inode, in: topology),
        let socket = try? NetlinkSocket(in: namespace),
        let disciplines = try? socket.queueingDisciplines()
      else { continue }
      let withClsact = Set(disciplines.filter { $0.kind == "clsact" }.map(\.ifindex))
      for interface in topology.interfaces
      where interface.id.namespace == inode && withClsact.contains(interface.id.ifindex) {
        leftovers += sweep(interface, socket, &living, remove: remove)
      }
    }
    return leftovers
  }

  private static func sweep(
    _ interface: Interface, _ socket: NetlinkSocket, _ living: inout [ProcessIdentity: Bool], remove: Bool
  ) -> [Leftover] {
    var leftovers: [Leftover] = []
    var madeClsact = false
    for direction in FilterDirection.allCases {
      for filter in (try? socket.filters(ifindex: interface.id.ifindex, direction: direction)) ?? [] {
        guard let owner = FilterOwner(name: filter.name) else { continue }
        let isAlive = living[owner.process] ?? owner.process.isAlive
        living[owner.process] = isAlive
        if isAlive { continue }
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

  /// Whether a capture that is still attached there, or was killed, made the clsact queueing discipline.
  static func isClsactOurs(_ ifindex: UInt32, _ socket: NetlinkSocket) -> Bool {
    FilterDirection.allCases.contains { direction in
      let filters = (try? socket.filters(ifindex: ifindex, direction: direction)) ?? []
      return filters.contains { FilterOwner(name: $0.name)?.madeClsact ?? false }
    }
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
