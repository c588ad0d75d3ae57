public import SystemPackage

/// Why a request to the kernel's network configuration failed.
public struct NetlinkError: Error, Sendable, CustomStringConvertible {
  /// What was asked for.
  public let message: String
  /// The kernel's error number.
  public let errno: Errno
  /// The kernel's own explanation (NLMSGERR_ATTR_MSG, Linux 4.12), where it gave one.
  public let explanation: String?

  /// States a failure.
  public init(_ message: String, errno: Errno, explanation: String? = nil) {
    self.message = message
    self.errno = errno
    self.explanation = explanation
  }

  /// `message: error text (errno N)`, and the kernel's explanation.
  public var description: String {
    let cause = "\(message): \(errno) (errno \(errno.rawValue))"
    return explanation.map { "\(cause): \($0)" } ?? cause
  }
}

extension NetlinkError {
  /// The kernel answers within the call that asks, so that an answer which is not there was dropped.
  static func lostAnswer(_ what: String) -> NetlinkError {
    NetlinkError(what, errno: .noBufferSpace, explanation: "the kernel's answer did not fit in the buffer")
  }

  /// Reads an acknowledgment (`struct nlmsgerr`); `nil` for success.
  init?(acknowledgment message: Message, _ what: String) {
    guard let code = message.payload.integer(at: 0, as: Int32.self) else {
      self.init(what, errno: .ioError, explanation: "the kernel's answer is cut off")
      return
    }
    if code == 0 { return nil }
    // Behind the code stands the request's header, or the whole request (NLM_F_CAPPED clear); then attributes.
    var offset = 4 + MessageBuilder.headerSize
    if message.flags & 0x100 == 0, let length = message.payload.integer(at: 4, as: UInt32.self) {
      offset = 4 + ((Int(length) + 3) & ~3)
    }
    self.init(what, code: code, Attributes(message.payload.dropping(offset)))
  }

  /// Reads the end of a dump; `nil` for success.
  ///
  /// It may carry an error, for a dump that failed in the middle (netlink_dump_done in af_netlink.c).
  init?(endOfDump message: Message, _ what: String) {
    guard let code = message.payload.integer(at: 0, as: Int32.self), code < 0 else { return nil }
    self.init(what, code: code, Attributes(message.payload.dropping(4)))
  }

  private init(_ what: String, code: Int32, _ attributes: Attributes) {
    // NLMSGERR_ATTR_MSG.
    let errno: Errno = code == .min ? .ioError : Errno(rawValue: abs(code))
    self.init(what, errno: errno, explanation: attributes[1]?.text)
  }
}
