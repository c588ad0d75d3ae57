import Netlink
import TraceModel

/// Filters of this process in one namespace, to be removed.
struct OwnFilters: Sendable {
  var filters: [(interface: InterfaceID, filter: BPFFilter)]
  /// The interfaces whose clsact was made for them.
  var roomsMade: [InterfaceID]

  /// Removes them, and the clsact that was made for them where nobody else uses it by now.
  ///
  /// - Parameter wereJustMade: whether the clsact is certain to be the one that was made: else it is left alone where not
  ///   one of these filters was found in it.
  func remove(by socket: NetlinkSocket, wereJustMade: Bool = false) {
    // An interface that is gone took its filters with it: that failure is no news.
    let results = (try? socket.apply(filters.map { .deleteFilter($0.filter) })) ?? []
    let found = Set(zip(filters, results).filter { $0.1 == nil }.map(\.0.interface))
    for interface in roomsMade where wereJustMade || found.contains(interface) {
      FilterSweeper.removeEmptyClsact(interface.ifindex, socket)
    }
  }
}
