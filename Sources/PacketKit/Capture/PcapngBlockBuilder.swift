/// Builds one block of a pcapng file, little-endian.
struct PcapngBlockBuilder {
  private var octets: [UInt8] = []
  private var hasOptions = false

  /// Begins a block of that type.
  init(_ type: UInt32) {
    append(type)
    append(UInt32(0))
  }

  /// Appends a number.
  mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      octets.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }

  /// Appends octets, filled up to a boundary of 4.
  mutating func append(_ data: [UInt8]) {
    octets += data
    octets.pad(to: 4)
  }

  /// Appends an option.
  mutating func option(_ code: UInt16, _ data: [UInt8]) {
    hasOptions = true
    append(code)
    append(UInt16(truncatingIfNeeded: data.count))
    append(data)
  }

  /// Appends an option that holds a text, without what is behind the 65,535 octets that an option can have.
  mutating func option(_ code: UInt16, _ text: String) {
    var end = text.utf8.index(text.startIndex, offsetBy: 0xffff, limitedBy: text.endIndex) ?? text.endIndex
    while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
    option(code, Array(text.utf8[..<end]))
  }

  /// The whole block.
  consuming func finished() -> [UInt8] {
    if hasOptions { append(UInt32(PcapngCode.Option.endOfOptions)) }
    let length = UInt32(truncatingIfNeeded: octets.count + 4)
    append(length)
    for index in 0..<4 { octets[4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    return octets
  }
}
