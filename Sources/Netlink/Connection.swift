import CLinux
import Glibc
import SystemPackage

/// One netlink socket and the conversation on it: messages, not what they mean.
///
/// The kernel answers a request within send(2), and goes on with a dump within recv(2): nothing here waits.
struct Connection: ~Copyable {
  /// A message that nobody asked for.
  struct Notice {
    let message: Message
    /// What the socket's namespace calls the one that it tells of; `nil` for itself.
    let namespaceID: Int32?
  }

  private struct Datagram {
    let octets: [UInt8]
    let isNotification: Bool
    let namespaceID: Int32?

    var notices: [Notice] { Message.parse(octets).map { Notice(message: $0, namespaceID: namespaceID) } }
  }

  let descriptor: FileDescriptor
  private var sequence: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  /// Notifications that came between answers.
  private var notifications: [Notice] = []
  private var hasLostNotifications = false

  /// How often a dump is read again because the configuration changed meanwhile (NLM_F_DUMP_INTR).
  private static let dumpAttempts = 16
  /// How many requests are sent at once: few enough that their acknowledgments fit in the socket's buffer.
  private static let batchSize = 128

  /// Takes over a netlink socket.
  init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

  deinit { try? descriptor.close() }

  /// Asks for everything of one kind and returns what `read` makes of each message, consistent in itself.
  mutating func dump<Value: Sendable>(
    _ request: MessageBuilder, _ what: String, _ read: (Message) -> Value?
  ) throws(NetlinkError) -> [Value] {
    for _ in 0..<Self.dumpAttempts {
      let number = nextSequence()
      try send(request, number, what)
      do {
        if let values = try receiveDump(number, what, read) { return values }
      } catch {
        // As long as a dump is not read to its end, the kernel refuses the next one.
        while let waiting = try? receiveAnswer(what), !waiting.isEmpty {}
        throw error
      }
    }
    throw NetlinkError(what, errno: .interrupted, explanation: "it changed each time while it was read")
  }

  /// Returns `nil` when the dump was interrupted by a change.
  private mutating func receiveDump<Value: Sendable>(
    _ number: UInt32, _ what: String, _ read: (Message) -> Value?
  ) throws(NetlinkError) -> [Value]? {
    var values: [Value] = []
    var isConsistent = true
    while let answer = try receiveAnswer(what) {
      for message in answer where message.sequence == number {
        if message.flags & NLM_F_DUMP_INTR != 0 { isConsistent = false }
        switch Int32(message.type) {
        case NLMSG_DONE:
          if let error = NetlinkError(endOfDump: message, what) { throw error }
          return isConsistent ? values : nil
        case NLMSG_ERROR:
          throw NetlinkError(acknowledgment: message, what) ?? NetlinkError(what, errno: .ioError)
        default:
          if let value = read(message) { values.append(value) }
        }
      }
    }
    throw .lostAnswer(what)
  }

  /// Sends one request, takes its acknowledgment and returns what else the kernel answered.
  mutating func request<Value: Sendable>(
    _ request: MessageBuilder, _ what: String, _ read: (Message) -> Value?
  ) throws(NetlinkError) -> [Value] {
    let number = nextSequence()
    try send(request, number, what)
    var values: [Value] = []
    while let answer = try receiveAnswer(what) {
      for message in answer where message.sequence == number {
        if Int32(message.type) == NLMSG_ERROR {
          if let error = NetlinkError(acknowledgment: message, what) { throw error }
          return values
        }
        if let value = read(message) { values.append(value) }
      }
    }
    throw .lostAnswer(what)
  }

  /// Sends many requests in few system calls; returns for each its error, if any, in order.
  mutating func requests(_ requests: [MessageBuilder], _ what: String) throws(NetlinkError) -> [NetlinkError?]
  {
    var results: [NetlinkError?] = []
    results.reserveCapacity(requests.count)
    for start in stride(from: 0, to: requests.count, by: Self.batchSize) {
      let batch = requests[start..<min(start + Self.batchSize, requests.count)]
      let first = sequence &+ 1
      var bytes: [UInt8] = []
      for request in batch {
        try Self.check(request, what)
        bytes += request.finished(sequence: nextSequence())
      }
      try send(bytes, what)
      results += try receiveAcknowledgments(from: first, count: batch.count, what)
    }
    return results
  }

  private mutating func receiveAcknowledgments(from first: UInt32, count: Int, _ what: String)
    throws(NetlinkError) -> [NetlinkError?]
  {
    var outcomes = [NetlinkError?](repeating: nil, count: count)
    var waiting = count
    while waiting > 0 {
      guard let answer = try receiveAnswer(what) else { throw .lostAnswer(what) }
      for message in answer where Int32(message.type) == NLMSG_ERROR {
        let index = Int(message.sequence &- first)
        guard outcomes.indices.contains(index) else { continue }
        outcomes[index] = NetlinkError(acknowledgment: message, what)
        waiting -= 1
      }
    }
    return outcomes
  }

  /// Takes what the kernel told unasked since the last call, and whether it could not tell everything.
  mutating func takeNotifications(_ what: String) throws(NetlinkError) -> (notices: [Notice], areLost: Bool) {
    while let datagram = try receive(what) { notifications += datagram.notices }
    defer {
      notifications = []
      hasLostNotifications = false
    }
    return (notifications, hasLostNotifications)
  }

  private mutating func nextSequence() -> UInt32 {
    sequence &+= 1
    return sequence
  }

  private static func check(_ request: MessageBuilder, _ what: String) throws(NetlinkError) {
    if request.isOversized { throw NetlinkError(what, errno: .messageTooLong) }
  }

  private func send(_ request: MessageBuilder, _ number: UInt32, _ what: String) throws(NetlinkError) {
    try Self.check(request, what)
    try send(request.finished(sequence: number), what)
  }

  private func send(_ bytes: [UInt8], _ what: String) throws(NetlinkError) {
    while true {
      let sent = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor.rawValue, $0.baseAddress, $0.count, 0)
      }
      if sent == bytes.count { return }
      if sent < 0, errno == EINTR { continue }
      throw NetlinkError(what, errno: sent < 0 ? Errno(rawValue: errno) : .messageTooLong)
    }
  }

  /// Takes one datagram of answers, setting notifications aside; `nil` when none is there.
  private mutating func receiveAnswer(_ what: String) throws(NetlinkError) -> [Message]? {
    while let datagram = try receive(what) {
      if !datagram.isNotification { return Message.parse(datagram.octets) }
      notifications += datagram.notices
    }
    return nil
  }

  /// Takes one datagram of any length; `nil` when none is there.
  private mutating func receive(_ what: String) throws(NetlinkError) -> Datagram? {
    while true {
      let size = clinux_netlink_pending(descriptor.rawValue)
      if size > buffer.count { buffer = [UInt8](repeating: 0, count: size) }
      var port: UInt32 = 0
      var groups: UInt32 = 0
      var namespaceID: CInt = -1
      var count = size
      if size >= 0 {
        count = unsafe clinux_netlink_receive(
          descriptor.rawValue, &buffer, UInt(buffer.count), &port, &groups, &namespaceID)
      }
      if count >= 0 {
        // Another process may write to this socket, too: only the kernel's port is 0.
        if port == 0 {
          return Datagram(
            octets: Array(buffer[..<min(count, buffer.count)]), isNotification: groups != 0,
            namespaceID: namespaceID >= 0 ? namespaceID : nil)
        }
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: return nil
      case ENOBUFS: hasLostNotifications = true
      default: throw NetlinkError(what, errno: Errno(rawValue: errno))
      }
    }
  }
}
