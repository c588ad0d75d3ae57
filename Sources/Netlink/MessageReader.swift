/// Octets of a message from the kernel. Every read is checked: lengths in a message are not to be trusted.
struct Octets {
  let slice: ArraySlice<UInt8>

  init(_ slice: ArraySlice<UInt8>) { self.slice = slice }

  var count: Int { slice.count }

  /// The number in host byte order at an offset; `nil` when it does not lie inside.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type = Value.self) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset + size <= slice.count else { return nil }
    return unsafe slice.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// The octets from an offset on; empty when it lies outside.
  func dropping(_ count: Int) -> Octets { Octets(slice.dropFirst(max(0, count))) }

  /// The text up to the first zero.
  var text: String { String(decoding: slice.prefix { $0 != 0 }, as: UTF8.self) }
}

/// One message, its header taken off.
struct Message {
  let type: UInt16
  let flags: UInt16
  let sequence: UInt32
  let payload: Octets

  /// Cuts a datagram into messages; stops at the first whose length lies.
  static func parse(_ datagram: ArraySlice<UInt8>) -> [Message] {
    var messages: [Message] = []
    var rest = Octets(datagram)
    while rest.count >= 16, let length = rest.integer(at: 0, as: UInt32.self), length >= 16,
      Int(length) <= rest.count, let type = rest.integer(at: 4, as: UInt16.self),
      let flags = rest.integer(at: 6, as: UInt16.self), let sequence = rest.integer(at: 8, as: UInt32.self)
    {
      messages.append(
        Message(
          type: type, flags: flags, sequence: sequence,
          payload: Octets(rest.slice.prefix(Int(length)).dropFirst(16))))
      rest = rest.dropping((Int(length) + 3) & ~3)
    }
    return messages
  }
}

/// The attributes of a message or of a nested attribute, by type; of one type, the last.
struct Attributes {
  private var values: [UInt16: Octets] = [:]
  /// In order, repeated types included.
  private(set) var list: [(type: Int, value: Octets)] = []

  /// Cuts octets into attributes; stops at the first whose length lies.
  init(_ octets: Octets) {
    var rest = octets
    while rest.count >= 4, let length = rest.integer(at: 0, as: UInt16.self), length >= 4,
      Int(length) <= rest.count, let raw = rest.integer(at: 2, as: UInt16.self)
    {
      // The two top bits say "nested" and "network byte order".
      let type = raw & 0x3fff
      let value = Octets(rest.slice.prefix(Int(length)).dropFirst(4))
      values[type] = value
      list.append((Int(type), value))
      rest = rest.dropping((Int(length) + 3) & ~3)
    }
  }

  subscript(_ type: Int) -> Octets? { values[UInt16(truncatingIfNeeded: type)] }

  func nested(_ type: Int) -> Attributes? { self[type].map(Attributes.init) }

  func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Int, as: Value.Type = Value.self) -> Value? {
    self[type]?.integer(at: 0)
  }
}
