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
      let sides = Dictionary(
        disciplines.compactMap { discipline -> (UInt32, [FilterDirection])? in
          switch discipline.kind {
          case "clsact": (discipline.ifindex, FilterDirection.allCases)
          // Asked for the other side, it answers with the same filters.
          case "ingress": (discipline.ifindex, [.ingress])
          default: nil
          }
        }, uniquingKeysWith: { first, _ in first })
      for interface in topology.interfaces where interface.id.namespace == inode {
        guard let sides = sides[interface.id.ifindex] else { continue }
        leftovers += sweep(interface, sides, socket, &living, remove: remove)
      }
    }
    return leftovers
  }

  private static func sweep(
    _ interface: Interface, _ sides: [FilterDirection], _ socket: NetlinkSocket,
    _ living: inout [ProcessIdentity: Bool], remove: Bool
  ) -> [Leftover] {
    var leftovers: [Leftover] = []
    var madeClsact = false
    for direction in sides {
      for filter in (try? socket.filters(ifindex: interface.id.ifindex, direction: direction)) ?? [] {
        guard let owner = FilterOwner(name: filter.name) else { continue }
        let isAlive = living[owner.process] ?? owner.process.isAlive
        living[owner.process] = isAlive
        if isAlive { continue }
        var swept = false
        if remove, let results = try? socket.apply([.deleteFilter(filter)]) { swept = results[0] == nil }
        madeClsact = madeClsact || swept && owner.madeClsact
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

  /// Removes a clsact queueing discipline in which nobody has anything any more: filters of any kind, or a chain.
  static func removeEmptyClsact(_ ifindex: UInt32, _ socket: NetlinkSocket) {
    let isEmpty = FilterDirection.allCases.allSatisfy {
      (try? socket.hasChains(ifindex: ifindex, direction: $0)) == false
    }
    // It may be gone together with its interface: nothing is left to remove then.
    if isEmpty { _ = try? socket.apply([.deleteClsact(ifindex: ifindex)]) }
  }
}
