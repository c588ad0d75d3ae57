import CLinux
import Glibc
import SystemPackage

/// What a socket can be told of (`enum rtnetlink_groups`).
public enum NotificationGroup: UInt32, Sendable {
  case link = 1
  case neighbor = 3
  case ipv4Address = 5
  case ipv4Route = 7
  case ipv6Address = 9
  case ipv6Route = 11
  case namespaceID = 28
}

/// One thing that changed.
public enum NetlinkNotification: Sendable {
  case newLink(Link)
  case deletedLink(Link)
  case addressesChanged
  case routesChanged
  case neighborsChanged
  /// The socket's buffer was full and changes were lost: read everything anew.
  case overrun
}

extension NetlinkSocket {
  /// Waits for changes of the subscribed groups.
  ///
  /// - Parameter timeout: milliseconds; 0 only takes what is there.
  /// - Returns: what changed, in order; empty when the time is over.
  public func notifications(timeout: Int32) throws(NetlinkError) -> [NetlinkNotification] {
    var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, timeout) > 0 else { return [] }
    var notifications: [NetlinkNotification] = []
    while true {
      do {
        guard let datagram = try receive("read notifications", wait: false) else { return notifications }
        notifications += Message.parse(datagram).compactMap(Self.notification)
      } catch {
        guard error.errno.rawValue == ENOBUFS else { throw error }
        notifications.append(.overrun)
      }
    }
  }

  private static func notification(_ message: Message) -> NetlinkNotification? {
    switch Int(message.type) {
    case RTM_NEWLINK: Link(message.payload).map { .newLink($0) }
    case RTM_DELLINK: Link(message.payload).map { .deletedLink($0) }
    case RTM_NEWADDR, RTM_DELADDR: .addressesChanged
    case RTM_NEWROUTE, RTM_DELROUTE: .routesChanged
    case RTM_NEWNEIGH, RTM_DELNEIGH: .neighborsChanged
    default: nil
    }
  }
}
