import CLinux
import Glibc
import SystemPackage

/// What a socket can be told of (`enum rtnetlink_groups` in include/uapi/linux/rtnetlink.h).
public enum NotificationGroup: UInt32, Sendable, CaseIterable {
  /// Links that appear, change or go.
  case link = 1
  /// Neighbor and forwarding entries.
  case neighbor = 3
  /// IPv4 addresses.
  case ipv4Address = 5
  /// IPv4 routes.
  case ipv4Route = 7
  /// IPv6 addresses.
  case ipv6Address = 9
  /// IPv6 routes.
  case ipv6Route = 11
  /// Names that this namespace gives to others.
  case namespaceID = 28
}

/// One thing that changed.
public enum NetlinkNotification: Hashable, Sendable {
  /// A link appeared or is different.
  case newLink(Link)
  /// A link was deleted or moved to another namespace.
  case deletedLink(Link)
  /// An address was added or is different.
  case newAddress(Address)
  /// An address was removed.
  case deletedAddress(Address)
  /// A route was added or is different.
  case newRoute(Route)
  /// A route was removed.
  case deletedRoute(Route)
  /// A neighbor entry was added or is different.
  case newNeighbor(Neighbor)
  /// A neighbor entry was removed.
  case deletedNeighbor(Neighbor)
  /// A forwarding entry was added or is different.
  case newForwardingEntry(ForwardingEntry)
  /// A forwarding entry was removed.
  case deletedForwardingEntry(ForwardingEntry)
  /// Another namespace got an id here.
  case newNamespaceID(Int32)
  /// Another namespace ended, and its id with it.
  case deletedNamespaceID(Int32)
  /// The socket's buffer was full and changes were lost: read everything anew.
  case overrun

  /// Reads a notification; `nil` for what macvtrace has no use for.
  init?(_ message: Message) {
    let isBridge = message.payload.integer(at: 0, as: UInt8.self) == UInt8(AF_BRIDGE)
    let value: NetlinkNotification? =
      switch message.type {
      // A bridge tells of its ports in messages that have not all of a link.
      case RTM_NEWLINK: isBridge ? nil : Link(message).map { .newLink($0) }
      case RTM_DELLINK: isBridge ? nil : Link(message).map { .deletedLink($0) }
      case RTM_NEWADDR: Address(message).map { .newAddress($0) }
      case RTM_DELADDR: Address(message).map { .deletedAddress($0) }
      case RTM_NEWROUTE: Route(message).map { .newRoute($0) }
      case RTM_DELROUTE: Route(message).map { .deletedRoute($0) }
      case RTM_NEWNEIGH:
        isBridge
          ? ForwardingEntry(message).map { .newForwardingEntry($0) }
          : Neighbor(message).map { .newNeighbor($0) }
      case RTM_DELNEIGH:
        isBridge
          ? ForwardingEntry(message).map { .deletedForwardingEntry($0) }
          : Neighbor(message).map { .deletedNeighbor($0) }
      case RTM_NEWNSID: Self.namespaceID(message).map { .newNamespaceID($0) }
      case RTM_DELNSID: Self.namespaceID(message).map { .deletedNamespaceID($0) }
      default: nil
      }
    guard let value else { return nil }
    self = value
  }

  private static func namespaceID(_ message: Message) -> Int32? {
    message.attributes(behind: 4)?.integer(NETNSA_NSID)
  }
}

/// One thing that changed, and where.
public struct NetlinkEvent: Hashable, Sendable {
  /// What changed.
  public var notification: NetlinkNotification
  /// What the socket's namespace calls the one where it changed; `nil` for itself.
  public var namespaceID: Int32?
}

extension NetlinkSocket {
  /// Asks to be told of changes in every other namespace, too, that this socket's has an id for (`namespaceID(of:)`,
  /// Linux 4.2, CAP_NET_BROADCAST); unlike a socket of its own there it keeps none of them alive.
  public func listenToAllNamespaces() throws(NetlinkError) {
    guard clinux_netlink_listen_to_all(fileDescriptor) == 0 else {
      throw NetlinkError("listen to other network namespaces", errno: Errno(rawValue: errno))
    }
  }

  /// Asks to be told of changes in this socket's namespace, which `notifications(timeout:)` then gives.
  public func subscribe(to groups: [NotificationGroup]) throws(NetlinkError) {
    for group in groups {
      var number = group.rawValue
      let status = unsafe setsockopt(
        fileDescriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, socklen_t(MemoryLayout<UInt32>.size))
      guard status == 0 else {
        throw NetlinkError("subscribe to changes of \(group)", errno: Errno(rawValue: errno))
      }
    }
  }

  /// Waits for changes of the subscribed groups.
  ///
  /// - Parameter timeout: milliseconds; 0 only takes what is there, -1 waits for ever.
  /// - Returns: what changed, in order; empty when the time is over or a signal came.
  public func notifications(timeout: Int32) throws(NetlinkError) -> [NetlinkNotification] {
    try events(timeout: timeout).map(\.notification)
  }

  /// As `notifications(timeout:)`, with the namespace of each.
  public func events(timeout: Int32) throws(NetlinkError) -> [NetlinkEvent] {
    let waiting = try takeEvents()
    if !waiting.isEmpty { return waiting }
    var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
    let count = unsafe poll(&request, 1, timeout)
    guard count >= 0 || errno == EINTR else {
      throw NetlinkError("wait for notifications", errno: Errno(rawValue: errno))
    }
    return count > 0 ? try takeEvents() : []
  }
}
