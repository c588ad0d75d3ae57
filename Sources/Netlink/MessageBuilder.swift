import CLinux

/// Builds one netlink message (RFC 3549, 2.2): header, family header, attributes, each on a boundary of 4 octets.
struct MessageBuilder {
  private(set) var bytes: [UInt8]

  /// Begins a message; length and sequence number are set by `finished(sequence:)`.
  init(type: Int, flags: Int) {
    bytes = []
    append(UInt32(0))
    append(UInt16(truncatingIfNeeded: type))
    append(UInt16(truncatingIfNeeded: flags))
    append(UInt32(0))
    append(UInt32(0))
  }

  /// Appends a number in host byte order.
  mutating func append(_ value: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends octets as they are.
  mutating func append(_ octets: [UInt8]) { bytes += octets }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  /// Appends an attribute with these octets.
  mutating func attribute(_ type: Int, _ payload: [UInt8]) {
    append(UInt16(4 + payload.count))
    append(UInt16(truncatingIfNeeded: type))
    bytes += payload
    pad()
  }

  /// Appends an attribute that holds a number in host byte order.
  mutating func attribute(_ type: Int, _ value: some FixedWidthInteger) {
    unsafe attribute(type, withUnsafeBytes(of: value) { unsafe Array($0) })
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
    let length = UInt16(truncatingIfNeeded: bytes.count - start)
    unsafe withUnsafeBytes(of: length) { octets in
      for index in 0..<2 { bytes[start + index] = unsafe octets[index] }
    }
  }

  /// The whole message.
  func finished(sequence: UInt32) -> [UInt8] {
    var message = self
    message.pad()
    unsafe withUnsafeBytes(of: UInt32(message.bytes.count)) { octets in
      for index in 0..<4 { message.bytes[index] = unsafe octets[index] }
    }
    unsafe withUnsafeBytes(of: sequence) { octets in
      for index in 0..<4 { message.bytes[8 + index] = unsafe octets[index] }
    }
    return message.bytes
  }
}
