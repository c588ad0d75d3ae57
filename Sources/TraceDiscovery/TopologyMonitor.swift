import Netlink
public import TraceModel

/// Tells when a topology may have changed.
///
/// Listens in the parent's namespace only: a socket in a container's namespace would keep it alive after its
/// container. Children that come and go elsewhere show there too, as the parent's own entry changes with each.
public final class TopologyMonitor {
  private let socket: NetlinkSocket
  private let parent: InterfaceID

  /// What was noticed.
  public struct Changes: Sendable {
    /// Links, addresses or namespaces changed: scan again.
    public var needsScan = false
    /// The parent interface was deleted or moved away.
    public var parentGone = false
  }

  /// Begins to listen in the calling thread's namespace.
  public init(parent: InterfaceID) throws {
    self.parent = parent
    socket = try NetlinkSocket()
    try socket.subscribe(to: [.link, .ipv4Address, .ipv6Address, .namespaceID])
  }

  /// Waits up to `timeout` milliseconds for a change.
  public func wait(timeout: Int32) throws -> Changes {
    var changes = Changes()
    for notification in try socket.notifications(timeout: timeout) {
      changes.needsScan = true
      if case .deletedLink(let link) = notification, link.ifindex == parent.ifindex {
        changes.parentGone = true
      }
    }
    return changes
  }
}
