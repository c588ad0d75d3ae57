/// What a piece of text means, from which its color follows.
enum Ink {
  case plain, strong, dim, good, bad, notice

  /// The parameters of the SGR sequence (ECMA-48, 8.3.117); only the 8 colors that every theme redefines.
  var parameters: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .dim: "2"
    case .good: "32"
    case .bad: "1;31"
    case .notice: "33"
    }
  }
}

/// One line of output, made of harmless text: the only escape sequences in it are those of its inks.
struct TextLine {
  private var spans: [(text: String, ink: Ink)] = []
  /// Columns that the line takes.
  private(set) var width = 0

  init() {}

  init(_ text: some StringProtocol, _ ink: Ink = .plain) {
    append(text, ink)
  }

  /// Adds text; what could command a terminal is escaped.
  mutating func append(_ text: some StringProtocol, _ ink: Ink = .plain) {
    let harmless = Printable.escape(text)
    guard !harmless.isEmpty else { return }
    spans.append((harmless, ink))
    width += Printable.width(harmless)
  }

  mutating func append(_ line: TextLine) {
    spans += line.spans
    width += line.width
  }

  /// Adds blanks up to that column.
  mutating func pad(to column: Int) {
    if width < column { append(String(repeating: " ", count: column - width)) }
  }

  func indented(by columns: Int) -> TextLine {
    var line = TextLine()
    line.pad(to: columns)
    line.append(self)
    return line
  }

  /// The line within that many columns, its end marked where it was cut.
  func clipped(to columns: Int) -> TextLine {
    guard width > columns else { return self }
    var line = TextLine()
    var room = max(columns - 1, 0)
    for span in spans where room > 0 {
      var part = ""
      for scalar in span.text.unicodeScalars {
        let needed = Printable.width(String(scalar))
        if needed > room {
          room = 0
          break
        }
        room -= needed
        part.unicodeScalars.append(scalar)
      }
      line.append(part, span.ink)
    }
    if columns > 0 { line.append("…", .dim) }
    return line
  }

  /// The line as it goes to the medium, without a line feed and without blanks at its end.
  func text(_ style: TextStyle) -> String {
    var spans = spans
    while let last = spans.last {
      let kept = last.text.lastIndex { $0 != " " }.map { String(last.text[...$0]) } ?? ""
      spans.removeLast()
      if !kept.isEmpty {
        spans.append((kept, last.ink))
        break
      }
    }
    var text = ""
    for span in spans {
      let shown = style.unicode ? span.text : Printable.ascii(span.text)
      if style.colors, let parameters = span.ink.parameters {
        text += "\u{1b}[\(parameters)m\(shown)\u{1b}[0m"
      } else {
        text += shown
      }
    }
    return text
  }
}

extension [TextLine] {
  /// The lines, each with a line feed.
  func text(_ style: TextStyle) -> String {
    reduce(into: "") { text, line in
      text += line.text(style)
      text += "\n"
    }
  }

  func indented(by columns: Int) -> [TextLine] { map { $0.indented(by: columns) } }
}
