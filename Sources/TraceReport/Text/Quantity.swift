import TraceModel

/// Numbers for people.
enum Quantity {
  /// Every digit, in groups of three.
  static func exact(_ value: UInt64) -> String {
    let digits = Array(String(value))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `1 frame`, `12,345 frames`.
  static func count(_ value: UInt64, _ noun: String, _ plural: String? = nil) -> String {
    exact(value) + " " + (value == 1 ? noun : plural ?? noun + "s")
  }

  /// Three digits at least and a decimal prefix (ISO 80000-1): `950 B`, `1.2 kB`, `34.5 MB`.
  static func bytes(_ value: UInt64) -> String { scaled(Double(value), "B") }

  /// `950`, `1.2 M`.
  static func rounded(_ value: UInt64) -> String {
    let text = scaled(Double(value), "")
    return text.hasSuffix(" ") ? String(text.dropLast()) : text
  }

  /// `950 frames/s`, `1.2 kframes/s`.
  static func frameRate(_ frames: UInt64, in seconds: Double) -> String {
    scaled(perSecond(frames, seconds), "frames/s")
  }

  /// `9.8 Mbit/s`.
  static func bitRate(bytes: UInt64, in seconds: Double) -> String {
    scaled(perSecond(bytes, seconds) * 8, "bit/s")
  }

  /// With one decimal, `0.2` for 0.15: written without Foundation.
  static func decimal(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e15 else { return "–" }
    let tenths = UInt64((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// A metric's value: `13.1 Gbit/s`, `12.2 µs`, `0.3 %`.
  static func value(_ value: Double, _ unit: Metric.Unit) -> String {
    switch unit {
    case .bitsPerSecond: scaled(value, "bit/s")
    case .framesPerSecond: scaled(value, "frames/s")
    case .microseconds: time(value * 1000)
    case .nanoseconds: time(value)
    case .share: percent(value)
    }
  }

  /// A metric's value without its unit, where a heading says that: `152.9 k`.
  static func short(_ value: Double, _ unit: Metric.Unit) -> String {
    guard unit == .framesPerSecond else { return self.value(value, unit) }
    let text = scaled(value, "")
    return text.hasSuffix(" ") ? String(text.dropLast()) : text
  }

  /// A time that is given in nanoseconds: `340 ns`, `12.2 µs`, `1.3 ms`.
  static func time(_ nanoseconds: Double) -> String {
    guard nanoseconds.isFinite, nanoseconds >= 0 else { return "–" }
    if nanoseconds < 999.5 { return "\(Int(nanoseconds.rounded())) ns" }
    if nanoseconds < 999_950 { return "\(decimal(nanoseconds / 1000)) µs" }
    return nanoseconds < 999_950_000
      ? "\(decimal(nanoseconds / 1_000_000)) ms" : "\(decimal(nanoseconds / 1e9)) s"
  }

  /// A share from 0 to 1: `0.3 %`; what is too small to be shown so is not called nothing.
  static func percent(_ share: Double) -> String {
    share > 0 && share < 0.0005 ? "< 0.1 %" : "\(decimal(share * 100)) %"
  }

  /// With two decimals: `1.07`.
  static func ratio(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e9 else { return "–" }
    let hundredths = UInt64((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func perSecond(_ value: UInt64, _ seconds: Double) -> Double {
    seconds > 0 ? Double(value) / seconds : 0
  }

  private static func scaled(_ value: Double, _ unit: String) -> String {
    if value > 0, value < 10, value != value.rounded() { return decimal(value) + " " + unit }
    guard value.isFinite, value >= 0, value < 1e21 else { return "– \(unit)" }
    var value = value
    var prefixes = ["k", "M", "G", "T", "P", "E"][...]
    var prefix = ""
    // 999.95 would be written as 1000.0.
    while value >= (prefix.isEmpty ? 999.5 : 999.95), let next = prefixes.popFirst() {
      value /= 1000
      prefix = next
    }
    let number = prefix.isEmpty ? String(UInt64(value.rounded())) : decimal(value)
    return "\(number) \(prefix)\(unit)"
  }
}
