/// Numbers in network byte order.
enum BigEndian {
  static func octets(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// Of the first four octets.
  static func number(_ octets: some Sequence<UInt8>) -> UInt32 {
    octets.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}
