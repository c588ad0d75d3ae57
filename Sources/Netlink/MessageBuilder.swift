import CLinux

/// Builds one netlink message (RFC 3549, 2.2): header, family header, attributes, each on a boundary of 4 octets.
struct MessageBuilder {
  private(set) var bytes: [UInt8] = []
  /// Whether something was too long for the 16 bits of an attribute's length; such a message is not sent.
  private(set) var isOversized = false

  /// What every header begins with: `struct nlmsghdr` (include/uapi/linux/netlink.h).
  static let headerSize = 16

  /// Begins a message; `finished(sequence:)` sets length and sequence number.
  init(type: Int, flags: Int32) {
    bytes.reserveCapacity(128)
    append(UInt32(0))
    append(UInt16(truncatingIfNeeded: type))
    append(UInt16(truncatingIfNeeded: flags))
    append(UInt32(0))
    // The port: 0, the kernel.
    append(UInt32(0))
  }

  /// Appends a number in host byte order.
  mutating func append(_ value: some FixedWidthInteger & BitwiseCopyable) {
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends octets that are zero.
  mutating func appendZeros(_ count: Int) {
    for _ in 0..<count { bytes.append(0) }
  }

  /// Appends an attribute with these octets.
  mutating func attribute(_ type: Int, _ payload: [UInt8]) {
    nested(type) { $0.bytes += payload }
  }

  /// Appends an attribute that holds a number in host byte order.
  mutating func attribute(_ type: Int, _ value: some FixedWidthInteger & BitwiseCopyable) {
    nested(type) { $0.append(value) }
  }

  /// Appends an attribute that holds a text with its final zero.
  mutating func attribute(_ type: Int, _ text: String) {
    attribute(type, Array(text.utf8) + [0])
  }

  /// Appends an attribute that holds what `body` appends.
  mutating func nested(_ type: Int, _ body: (inout MessageBuilder) -> Void) {
    let start = bytes.count
    append(UInt16(0))
    append(UInt16(truncatingIfNeeded: type))
    body(&self)
    if let length = UInt16(exactly: bytes.count - start) {
      set(length, at: start)
    } else {
      isOversized = true
    }
    pad()
  }

  /// The whole message.
  func finished(sequence: UInt32) -> [UInt8] {
    var message = self
    message.pad()
    message.set(UInt32(truncatingIfNeeded: message.bytes.count), at: 0)
    message.set(sequence, at: 8)
    return message.bytes
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private mutating func set<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    unsafe withUnsafeBytes(of: value) { octets in
      for index in 0..<MemoryLayout<Value>.size { bytes[offset + index] = unsafe octets[index] }
    }
  }
}
