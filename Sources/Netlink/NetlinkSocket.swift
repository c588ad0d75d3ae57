import CLinux
import Glibc
public import LinuxNamespaces
import SystemPackage

/// A socket to the network configuration of one namespace (rtnetlink(7)).
///
/// It belongs to the namespace in which it was made, whichever thread uses it. One thread at a time.
public final class NetlinkSocket: @unchecked Sendable {
  private let descriptor: FileDescriptor
  private var sequence: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// How often a dump is read again because the configuration changed meanwhile (NLM_F_DUMP_INTR).
  private static let dumpAttempts = 8

  /// Makes a socket in the calling thread's namespace.
  public init() throws(NetlinkError) {
    descriptor = try Self.open()
  }

  /// Makes a socket in another namespace.
  public init(in namespace: NetworkNamespace) throws {
    descriptor = try namespace.run { try Self.open() }
  }

  deinit {
    try? descriptor.close()
  }

  private static func open() throws(NetlinkError) -> FileDescriptor {
    let raw = clinux_netlink_socket()
    guard raw >= 0 else { throw NetlinkError("open a netlink socket", errno: Errno(rawValue: errno)) }
    return FileDescriptor(rawValue: raw)
  }

  /// Joins the multicast groups with those numbers (`enum rtnetlink_groups`), for `notifications(timeout:)`.
  public func subscribe(to groups: [NotificationGroup]) throws(NetlinkError) {
    for group in groups {
      var number = group.rawValue
      let status = unsafe setsockopt(
        descriptor.rawValue, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, socklen_t(MemoryLayout<UInt32>.size))
      guard status == 0 else {
        throw NetlinkError("subscribe to netlink group \(group)", errno: Errno(rawValue: errno))
      }
    }
  }

  /// The descriptor, for poll(2); readable when a notification waits.
  public var fileDescriptor: CInt { descriptor.rawValue }

  func nextSequence() -> UInt32 {
    sequence &+= 1
    return sequence
  }

  func send(_ bytes: [UInt8], _ what: String) throws(NetlinkError) {
    while true {
      let sent = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor.rawValue, $0.baseAddress, $0.count, 0)
      }
      if sent == bytes.count { return }
      if sent < 0, errno == EINTR { continue }
      throw NetlinkError(what, errno: sent < 0 ? Errno(rawValue: errno) : .messageTooLong)
    }
  }

  /// Reads one datagram of any length.
  func receive(_ what: String, wait: Bool = true) throws(NetlinkError) -> ArraySlice<UInt8>? {
    while true {
      let flags = (wait ? 0 : CInt(MSG_DONTWAIT)) | CInt(MSG_PEEK) | CInt(MSG_TRUNC)
      let size = unsafe recv(descriptor.rawValue, &buffer, 0, flags)
      if size < 0, errno == EINTR { continue }
      if size < 0, errno == EAGAIN { return nil }
      guard size >= 0 else { throw NetlinkError(what, errno: Errno(rawValue: errno)) }
      if size > buffer.count { buffer = [UInt8](repeating: 0, count: size) }
      let count = unsafe recv(descriptor.rawValue, &buffer, buffer.count, 0)
      guard count >= 0 else { throw NetlinkError(what, errno: Errno(rawValue: errno)) }
      return buffer[..<count]
    }
  }

  /// Asks for everything of one kind and hands each message to `body`, whole and consistent.
  func dump(_ request: MessageBuilder, _ what: String, _ body: (Message) -> Void) throws(NetlinkError) {
    for _ in 0..<Self.dumpAttempts {
      let number = nextSequence()
      try send(request.finished(sequence: number), what)
      var messages: [Message] = []
      if try collectDump(number, what, into: &messages) {
        messages.forEach(body)
        return
      }
    }
    throw NetlinkError("\(what): it keeps changing", errno: .interrupted)
  }

  /// Returns false when the dump was interrupted by a change.
  private func collectDump(_ number: UInt32, _ what: String, into messages: inout [Message]) throws(NetlinkError)
    -> Bool
  {
    var isConsistent = true
    while let datagram = try receive(what) {
      for message in Message.parse(datagram) where message.sequence == number {
        if Int32(message.flags) & NLM_F_DUMP_INTR != 0 { isConsistent = false }
        switch Int32(message.type) {
        case NLMSG_DONE: return isConsistent
        case NLMSG_ERROR: throw Self.error(message, what) ?? NetlinkError(what, errno: .ioError)
        default: messages.append(message)
        }
      }
    }
    throw NetlinkError(what, errno: .ioError)
  }

  /// Sends one request and waits for its acknowledgment; returns what else the kernel answered.
  @discardableResult
  func request(_ request: MessageBuilder, _ what: String) throws(NetlinkError) -> [Message] {
    let number = nextSequence()
    try send(request.finished(sequence: number), what)
    var answers: [Message] = []
    while let datagram = try receive(what) {
      for message in Message.parse(datagram) where message.sequence == number {
        guard Int32(message.type) == NLMSG_ERROR else {
          answers.append(message)
          continue
        }
        if let error = Self.error(message, what) { throw error }
        return answers
      }
    }
    throw NetlinkError(what, errno: .ioError)
  }

  /// Sends many requests in few system calls; returns for each its error, if any, in order.
  func requests(_ requests: [MessageBuilder], _ what: String) throws(NetlinkError) -> [NetlinkError?] {
    var results: [NetlinkError?] = []
    // Small enough that the acknowledgments of one batch fit in the socket's buffer.
    let batchSize = 128
    var start = 0
    while start < requests.count {
      let batch = requests[start..<min(start + batchSize, requests.count)]
      let first = sequence &+ 1
      var bytes: [UInt8] = []
      for request in batch { bytes += request.finished(sequence: nextSequence()) }
      try send(bytes, what)
      var outcomes = [NetlinkError?](repeating: nil, count: batch.count)
      var waiting = batch.count
      while waiting > 0, let datagram = try receive(what) {
        for message in Message.parse(datagram) where Int32(message.type) == NLMSG_ERROR {
          let index = Int(message.sequence &- first)
          guard outcomes.indices.contains(index) else { continue }
          outcomes[index] = Self.error(message, what)
          waiting -= 1
        }
      }
      results += outcomes
      start += batchSize
    }
    return results
  }

  /// Reads an acknowledgment: `nil` for success.
  private static func error(_ message: Message, _ what: String) -> NetlinkError? {
    guard let code = message.payload.integer(at: 0, as: Int32.self) else {
      return NetlinkError(what, errno: .ioError)
    }
    if code == 0 { return nil }
    // Behind the code stands the request's header, or the whole request; then the attributes.
    var offset = 4 + 16
    if Int32(message.flags) & 0x100 == 0, let length = message.payload.integer(at: 4, as: UInt32.self) {
      offset = 4 + ((Int(length) + 3) & ~3)
    }
    let text = Attributes(message.payload.dropping(offset))[1]?.text
    return NetlinkError(what, errno: Errno(rawValue: -code), explanation: text)
  }
}
