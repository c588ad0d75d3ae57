/// The sum of RFC 1071: 16-bit words, most significant octet first, in ones' complement.
struct InternetChecksum {
  private var sum: UInt64 = 0

  /// Adds octets; an odd count is filled up with a zero, so only the last part may have one.
  mutating func add(_ octets: some Sequence<UInt8>) {
    var isHigh = true
    for octet in octets {
      sum += isHigh ? UInt64(octet) << 8 : UInt64(octet)
      isHigh.toggle()
    }
  }

  /// Adds a number as its 16-bit words.
  mutating func add(_ value: UInt32) { sum += UInt64(value) }

  /// The folded sum's complement: what a checksum field holds, and 0 over octets whose checksum is right.
  var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = folded >> 16 + folded & 0xffff }
    return ~UInt16(truncatingIfNeeded: folded)
  }
}
