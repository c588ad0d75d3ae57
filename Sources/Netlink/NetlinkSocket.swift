import CLinux
import Glibc
public import LinuxNamespaces
import Synchronization
import SystemPackage

/// A socket to the network configuration of one namespace (rtnetlink(7)), to its packet filters, or to its sockets.
///
/// It belongs to the namespace in which it was made, whichever thread uses it, and keeps that namespace alive.
/// Requests of several threads wait for each other.
public final class NetlinkSocket: Sendable {
  private let connection: Mutex<Connection>
  /// The descriptor, for poll(2): readable when a notification waits.
  public let fileDescriptor: CInt

  /// What a socket talks to.
  public enum Subsystem: Sendable {
    /// Links, addresses, routes, neighbors and queueing disciplines.
    case route
    /// Packet filters.
    case netfilter
    /// Sockets of the transport protocols.
    case sockets

    fileprivate var protocolNumber: CInt {
      switch self {
      case .route: NETLINK_ROUTE
      case .netfilter: NETLINK_NETFILTER
      case .sockets: NETLINK_SOCK_DIAG
      }
    }
  }

  /// Makes a socket in the calling thread's namespace.
  ///
  /// - Throws: `EPROTONOSUPPORT` where the kernel lacks that subsystem.
  public init(_ subsystem: Subsystem = .route) throws(NetlinkError) {
    let descriptor = try Self.open(subsystem)
    fileDescriptor = descriptor.rawValue
    connection = Mutex(Connection(descriptor))
  }

  /// Makes a socket in another namespace (CAP_SYS_ADMIN).
  ///
  /// - Throws: `NamespaceError` or `NetlinkError`.
  public init(in namespace: NetworkNamespace) throws {
    let descriptor = try namespace.run { try Self.open() }
    fileDescriptor = descriptor.rawValue
    connection = Mutex(Connection(descriptor))
  }

  private static func open(_ subsystem: Subsystem = .route) throws(NetlinkError) -> FileDescriptor {
    let raw = clinux_netlink_socket(subsystem.protocolNumber)
    guard raw >= 0 else { throw NetlinkError("open a netlink socket", errno: Errno(rawValue: errno)) }
    return FileDescriptor(rawValue: raw)
  }

  /// What no other network namespace has, nor ever will while the machine runs (SO_NETNS_COOKIE, Linux 5.14); `nil`
  /// where the kernel has no such number. The inode of a namespace that is gone, by contrast, is given again.
  public var namespaceCookie: UInt64? {
    var cookie: UInt64 = 0
    var size = socklen_t(MemoryLayout<UInt64>.size)
    let status = unsafe getsockopt(
      fileDescriptor, SOL_SOCKET, CInt(CLINUX_SO_NETNS_COOKIE.rawValue), &cookie, &size)
    return status == 0 ? cookie : nil
  }

  /// Asks for everything of one kind and returns what `read` makes of each message.
  func dump<Value: Sendable>(
    _ request: MessageBuilder, _ what: String, _ read: (Message) -> Value?
  ) throws(NetlinkError) -> [Value] {
    try connection.withLock { (connection) throws(NetlinkError) in
      try connection.dump(request, what, read)
    }
  }

  /// Sends one request and returns what `read` makes of the answers before its acknowledgment.
  func request<Value: Sendable>(
    _ request: MessageBuilder, _ what: String, _ read: (Message) -> Value?
  ) throws(NetlinkError) -> [Value] {
    try connection.withLock { (connection) throws(NetlinkError) in
      try connection.request(request, what, read)
    }
  }

  /// Sends one request that has no answer but its acknowledgment.
  func request(_ request: MessageBuilder, _ what: String) throws(NetlinkError) {
    _ = try self.request(request, what) { _ -> Bool? in nil }
  }

  /// Sends many requests in few system calls; returns for each its error, if any, in order.
  func requests(_ requests: [MessageBuilder], _ what: String) throws(NetlinkError) -> [NetlinkError?] {
    try connection.withLock { (connection) throws(NetlinkError) in
      try connection.requests(requests, what)
    }
  }

  /// Takes what the kernel told unasked, without waiting.
  func takeEvents() throws(NetlinkError) -> [NetlinkEvent] {
    try connection.withLock { (connection) throws(NetlinkError) in
      let (notices, areLost) = try connection.takeNotifications("read notifications")
      let events = notices.compactMap { notice in
        NetlinkNotification(notice.message).map {
          NetlinkEvent(notification: $0, namespaceID: notice.namespaceID)
        }
      }
      return events + (areLost ? [NetlinkEvent(notification: .overrun, namespaceID: nil)] : [])
    }
  }
}
