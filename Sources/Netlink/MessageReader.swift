import CLinux

/// Octets of a message from the kernel, of which every read is checked: lengths in a message may lie.
struct Octets {
  let slice: ArraySlice<UInt8>

  init(_ slice: ArraySlice<UInt8>) { self.slice = slice }

  var count: Int { slice.count }

  /// The number in host byte order at an offset; `nil` when it does not lie inside.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type = Value.self)
    -> Value?
  {
    guard offset >= 0, offset <= slice.count - MemoryLayout<Value>.size else { return nil }
    return unsafe slice.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// The octets from an offset on; empty when it lies outside.
  func dropping(_ count: Int) -> Octets { Octets(slice.dropFirst(max(0, count))) }

  /// The text up to the first zero; what is no UTF-8 is replaced.
  var text: String { String(decoding: slice.prefix { $0 != 0 }, as: UTF8.self) }
}

/// One message, its header taken off.
struct Message {
  let type: Int
  let flags: Int32
  let sequence: UInt32
  let payload: Octets

  /// Cuts a datagram into messages; stops at the first whose length lies.
  static func parse(_ datagram: [UInt8]) -> [Message] {
    var messages: [Message] = []
    var rest = Octets(datagram[...])
    while let length = rest.integer(at: 0, as: UInt32.self), length >= MessageBuilder.headerSize,
      Int(length) <= rest.count, let type = rest.integer(at: 4, as: UInt16.self),
      let flags = rest.integer(at: 6, as: UInt16.self), let sequence = rest.integer(at: 8, as: UInt32.self)
    {
      messages.append(
        Message(
          type: Int(type), flags: Int32(flags), sequence: sequence,
          payload: Octets(rest.slice.prefix(Int(length)).dropFirst(MessageBuilder.headerSize))))
      rest = rest.dropping((Int(length) + 3) & ~3)
    }
    return messages
  }

  /// The attributes behind a family header of `size` octets; `nil` when the header itself is cut off.
  func attributes(behind size: Int) -> Attributes? {
    payload.count >= size ? Attributes(payload.dropping(size)) : nil
  }
}

/// The attributes of a message, or of an attribute that holds others.
struct Attributes {
  /// In the order of the message, repeated types included.
  private(set) var list: [(type: Int, value: Octets)] = []

  /// Cuts octets into attributes; stops at the first whose length lies.
  init(_ octets: Octets) {
    var rest = octets
    while let length = rest.integer(at: 0, as: UInt16.self), length >= 4, Int(length) <= rest.count,
      let type = rest.integer(at: 2, as: UInt16.self)
    {
      // The two top bits say "nested" and "network byte order" (NLA_TYPE_MASK).
      list.append((Int(type & 0x3fff), Octets(rest.slice.prefix(Int(length)).dropFirst(4))))
      rest = rest.dropping((Int(length) + 3) & ~3)
    }
  }

  /// The attribute of that type: of several the last, as the kernel's own parser does.
  subscript(_ type: Int) -> Octets? { list.last { $0.type == type }?.value }

  /// The attributes inside the attribute of that type.
  func nested(_ type: Int) -> Attributes? { self[type].map(Attributes.init) }

  /// The number that an attribute holds; `nil` when it is absent or too short.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Int, as: Value.Type = Value.self) -> Value?
  {
    self[type]?.integer(at: 0)
  }
}
