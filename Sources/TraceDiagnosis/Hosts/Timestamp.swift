/// Times of the wall clock.
enum Timestamp {
  /// Nanoseconds since 1970 of an RFC 3339 time in UTC with nanoseconds, `2026-01-01T00:00:00.000000000Z`; `nil` for
  /// anything else.
  static func nanoseconds(_ text: String) -> Int64? {
    let octets = Array(text.utf8)
    let form = Array("0000-00-00T00:00:00.000000000Z".utf8)
    guard octets.count == form.count else { return nil }
    for (octet, expected) in zip(octets, form) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
      guard expected == UInt8(ascii: "0") ? isDigit : octet == expected else { return nil }
    }
    let number = { (range: Range<Int>) in octets[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
    guard (1970...2100).contains(year), (1...12).contains(month) else { return nil }
    // Days since 1 March of year 0 (Hinnant, chrono-compatible low-level date algorithms, 2014).
    let shifted = month <= 2 ? year - 1 : year
    let inYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + inYear - 719_468
    let seconds = ((days * 24 + number(11..<13)) * 60 + number(14..<16)) * 60 + number(17..<19)
    return seconds * 1_000_000_000 + number(20..<29)
  }
}
