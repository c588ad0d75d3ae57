import Netlink
public import TraceModel

/// Tells when a topology may have changed.
///
/// Listens in the parent's namespace, and through that in every namespace that has an id there: a socket in a
/// container's namespace would keep it alive after its container. Children that come and go elsewhere show in the
/// parent's namespace, too, as the parent's own entry changes with each.
public final class TopologyMonitor {
  private let socket: NetlinkSocket
  /// Asks what `socket` may have missed: while that one's buffer is full, it gets no answers either.
  let questions: NetlinkSocket
  private var parent: InterfaceID?
  /// Whether a message that the parent is gone may have been missed.
  private var mayHaveMissedEnd = true

  /// Why nothing is heard from other namespaces; `nil` when something is.
  let deafness: NetlinkError?

  /// What was noticed.
  public struct Changes: Sendable {
    /// Links, addresses or namespaces changed: scan again.
    public var needsScan = false
    /// The parent interface was deleted or moved away.
    public var parentGone = false

    /// Whether messages were lost: anything may have changed.
    var isIncomplete = false
    /// Whether a link came, went or changed that children may have come or gone with.
    var isStackChanged = false
    /// How often links of the parent's own namespace changed, by their numbers.
    var changedLinks: [UInt32: Int] = [:]
    /// The ids of namespaces in which links that can be children, or addresses, changed.
    var namespaceIDs: Set<Int32> = []
    /// The ids of namespaces that have ended.
    var endedNamespaceIDs: Set<Int32> = []
  }

  /// Begins to listen in the calling thread's namespace.
  ///
  /// - Parameter parent: an interface of that namespace, which may have ended meanwhile: the first wait tells.
  public init(parent: InterfaceID) throws {
    self.parent = parent
    socket = try NetlinkSocket()
    questions = try NetlinkSocket()
    deafness = Self.listenEverywhere(socket)
    try socket.subscribe(to: [.link, .ipv4Address, .ipv6Address, .namespaceID])
  }

  private static func listenEverywhere(_ socket: NetlinkSocket) -> NetlinkError? {
    do {
      try socket.listenToAllNamespaces()
      return nil
    } catch {
      return error
    }
  }

  /// Goes on with another parent, as the one before is gone; with none until there is another.
  func follow(_ parent: InterfaceID?) {
    self.parent = parent
    mayHaveMissedEnd = true
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
    for event in try socket.events(timeout: timeout) { note(event, &changes) }
    if try hasMissedEnd() { changes.parentGone = true }
    return changes
  }

  private func note(_ event: NetlinkEvent, _ changes: inout Changes) {
    switch event.notification {
    case .overrun:
      mayHaveMissedEnd = true
      changes.isIncomplete = true
    case .deletedNamespaceID(let id):
      changes.endedNamespaceIDs.insert(id)
    case .newNamespaceID:
      return
    case .newLink(let link), .deletedLink(let link):
      if let id = event.namespaceID {
        // Bridge networks' containers come and go with pairs of veth that are none of ours.
        guard link.isStacked else { return }
        changes.namespaceIDs.insert(id)
      } else {
        changes.changedLinks[link.ifindex, default: 0] += 1
        if case .deletedLink = event.notification, link.ifindex == parent?.ifindex {
          changes.parentGone = true
        }
      }
      changes.isStackChanged = true
    default:
      if let id = event.namespaceID { changes.namespaceIDs.insert(id) }
    }
    changes.needsScan = true
  }

  private func hasMissedEnd() throws -> Bool {
    guard mayHaveMissedEnd, let parent else { return false }
    let isGone = try !questions.hasLink(parent.ifindex)
    // Gone once is gone: an interface that comes back is another one.
    mayHaveMissedEnd = isGone
    return isGone
  }
}
