/// How an interface counts time (pcapng, 4.2: `if_tsresol` and `if_tsoffset`).
struct TimestampScale {
  /// The power of 10, or of 2 where the upper bit is set, that a second has units; 6: microseconds.
  var resolution: UInt8 = 6
  /// What is added, in seconds.
  var offset: Int64 = 0

  /// Nanoseconds since 1970-01-01 UTC, rounded down; `nil` when they are negative or do not fit in 64 bits.
  func nanoseconds(_ units: UInt64) -> UInt64? {
    let exponent = Int(resolution & 0x7f)
    let scaled = UInt128(units) * 1_000_000_000
    let nanoseconds: UInt128
    if resolution & 0x80 != 0 {
      nanoseconds = scaled >> UInt128(exponent)
    } else {
      // 10^38 is the largest power in 128 bits, and more than any scaled count.
      let divisor = exponent > 38 ? nil : (0..<exponent).reduce(UInt128(1)) { power, _ in power * 10 }
      nanoseconds = divisor.map { scaled / $0 } ?? 0
    }
    return UInt64(exactly: Int128(nanoseconds) + Int128(offset) * 1_000_000_000)
  }
}
