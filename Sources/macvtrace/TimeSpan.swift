import ArgumentParser

/// A time span on the command line: `10s`, `500ms`, `2m`, `1h`, or seconds as a plain number.
struct TimeSpan: ExpressibleByArgument {
  let nanoseconds: UInt64

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("", 1e9)]
    guard let (suffix, scale) = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(suffix.count)), number > 0, number * scale < 1e18
    else { return nil }
    nanoseconds = UInt64(number * scale)
  }
}
