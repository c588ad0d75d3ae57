/// Text without SGR sequences; every other escape stays in.
func withoutColors(_ text: String) -> String {
  var plain = ""
  var rest = text[...]
  while let start = rest.firstIndex(of: "\u{1b}") {
    plain += rest[..<start]
    let sequence = rest[start...]
    let parameters = sequence.dropFirst(2).prefix { $0 == ";" || ("0"..."9").contains($0) }
    if sequence.dropFirst().first == "[", sequence.dropFirst(2 + parameters.count).first == "m" {
      rest = sequence.dropFirst(3 + parameters.count)
    } else {
      plain.append("\u{1b}")
      rest = sequence.dropFirst()
    }
  }
  return plain + rest
}

/// The lines of a text that ends with a line feed.
func lines(_ text: String) -> [String] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  if lines.last == "" { lines.removeLast() }
  return lines
}

/// Scalars that could command a terminal: control characters of both sets but the line feed.
func controls(in text: String) -> [Unicode.Scalar] {
  text.unicodeScalars.filter { ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value) }
}

/// Names that nobody gives in good faith.
let hostileTexts = [
  "\u{1b}[2J\u{1b}[1;1Hgone", "a\nb", "a\r\u{8}\u{8}\u{8}b", "\u{9b}31mred", "\u{1b}]0;title\u{7}",
  "\u{202e}gpj.exe",
  "\u{2028}next", "\u{200b}", "\u{7f}", "\u{e000}", "\u{1b}P1$r\u{1b}\\", "e\u{301}\u{301}\u{301}", "名前",
]
