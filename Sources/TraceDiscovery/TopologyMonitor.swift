import Netlink
public import TraceModel

/// Tells when a topology may have changed.
///
/// Listens in the parent's namespace only: a socket in a container's namespace would keep it alive after its
/// container. Children that come and go elsewhere show there too, as the parent's own entry changes with each.
public final class TopologyMonitor {
  private let socket: NetlinkSocket
  /// Asks what `socket` may have missed: while that one's buffer is full, it gets no answers either.
  private let questions: NetlinkSocket
  private let parent: InterfaceID
  /// Whether a message that the parent is gone may have been missed.
  private var mayHaveMissedEnd = true

  /// What was noticed.
  public struct Changes: Sendable {
    /// Links, addresses or namespaces changed: scan again.
    public var needsScan = false
    /// The parent interface was deleted or moved away.
    public var parentGone = false
  }

  /// Begins to listen in the calling thread's namespace.
  ///
  /// - Parameter parent: an interface of that namespace, which may have ended meanwhile: the first wait tells.
  public init(parent: InterfaceID) throws {
    self.parent = parent
    socket = try NetlinkSocket()
    questions = try NetlinkSocket()
    try socket.subscribe(to: [.link, .ipv4Address, .ipv6Address, .namespaceID])
  }

  /// Waits up to `timeout` milliseconds for a change.
  ///
  /// Where messages were lost (ENOBUFS), or sent before listening began, the kernel is asked instead.
  public func wait(timeout: Int32) throws -> Changes {
    var changes = Changes()
    if try hasMissedEnd() {
      changes.parentGone = true
      return changes
    }
    for notification in try socket.notifications(timeout: timeout) {
      changes.needsScan = true
      switch notification {
      case .deletedLink(let link) where link.ifindex == parent.ifindex: changes.parentGone = true
      case .overrun: mayHaveMissedEnd = true
      default: break
      }
    }
    if try hasMissedEnd() { changes.parentGone = true }
    return changes
  }

  private func hasMissedEnd() throws -> Bool {
    guard mayHaveMissedEnd else { return false }
    let isGone = try !questions.hasLink(parent.ifindex)
    // Gone once is gone: an interface that comes back is another one.
    mayHaveMissedEnd = isGone
    return isGone
  }
}
