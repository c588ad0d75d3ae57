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

  private static func perSecond(_ value: UInt64, _ seconds: Double) -> Double {
    seconds > 0 ? Double(value) / seconds : 0
  }

  private static func scaled(_ value: Double, _ unit: String) -> String {
    if value > 0, value < 10, value != value.rounded() { return decimal(value) + " " + unit }
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
