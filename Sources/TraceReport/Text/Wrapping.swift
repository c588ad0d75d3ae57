/// Breaks running text into lines of at most `width` columns, at blanks where there are any.
///
/// Line feeds in `text` are not breaks: they come from outside and are escaped like every control character.
func wrap(_ text: String, width: Int, ink: Ink = .plain) -> [TextLine] {
  let width = max(width, 8)
  var lines: [TextLine] = []
  var current = ""
  var used = 0
  for word in Printable.escape(text).split(separator: " ") {
    for piece in pieces(of: word, width: width) {
      let length = Printable.width(piece)
      if used > 0, used + 1 + length > width {
        lines.append(TextLine(current, ink))
        current = ""
        used = 0
      }
      if used > 0 {
        current += " "
        used += 1
      }
      current += piece
      used += length
    }
  }
  if used > 0 { lines.append(TextLine(current, ink)) }
  return lines
}

/// Wraps text behind a label; the following lines stand under the first one's text.
///
/// A long label is cut: at least half of the width is the text's.
func wrap(_ label: TextLine, _ text: String, width: Int, ink: Ink = .plain) -> [TextLine] {
  let label = label.clipped(to: width / 2)
  return wrap(text, width: width - label.width, ink: ink).enumerated().map { index, body in
    var line = index == 0 ? label : TextLine()
    line.pad(to: label.width)
    line.append(body)
    return line
  }
}

/// A title and what belongs under it; nothing where there is nothing under it.
func section(_ title: String, _ lines: [TextLine], width: Int) -> [TextLine] {
  lines.isEmpty ? [] : wrap(title, width: width, ink: .strong) + lines.indented(by: 2)
}

/// A word that fits, or its parts.
private func pieces(of word: Substring, width: Int) -> [String] {
  guard Printable.width(word) > width else { return [String(word)] }
  var pieces: [String] = []
  var piece = ""
  for character in word {
    if Printable.width(piece) + Printable.width(String(character)) > width {
      pieces.append(piece)
      piece = ""
    }
    piece.append(character)
  }
  return pieces + [piece]
}
