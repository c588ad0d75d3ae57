/// Text from outside (names of interfaces, containers and namespaces), made harmless.
enum Printable {
  /// Writes what could command a terminal, or deceive its reader, as `\u{…}`.
  ///
  /// That is everything without a glyph of its own: control characters of both sets (ECMA-48: also U+009B,
  /// the one-character CSI), line separators, and format characters such as the bidirectional overrides.
  static func escape(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return String(text) }
    var escaped = ""
    for scalar in text.unicodeScalars {
      if isHarmless(scalar) {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return escaped
  }

  /// Columns that escaped text takes: combining marks take none.
  static func width(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.count { !isMark($0) }
  }

  /// Replaces what is not ASCII by something that is and takes as many columns.
  static func ascii(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    var plain = ""
    for scalar in text.unicodeScalars where !isMark(scalar) {
      plain.unicodeScalars.append(scalar.isASCII ? scalar : substitutes[scalar] ?? "?")
    }
    return plain
  }

  private static let substitutes: [Unicode.Scalar: Unicode.Scalar] = [
    "│": "|", "─": "-", "├": "|", "└": "`", "●": "o", "✗": "x", "✓": "+", "◌": "?", "↓": "v", "→": ">",
    "·": "-", "−": "-",
    "…": "~", "–": "-", "×": "x", "█": "#", "µ": "u",
  ]

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }
}
