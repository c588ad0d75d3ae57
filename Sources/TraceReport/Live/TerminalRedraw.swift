/// Redraws lines in place on a terminal: over the picture before, which it remembers.
public struct TerminalRedraw: Sendable {
  /// The columns of each line that stands on the terminal now.
  private var standing: [Int] = []

  /// Begins below whatever stands on the terminal.
  public init() {}

  /// The bytes that replace the picture before by `lines`.
  ///
  /// - Parameters:
  ///   - lines: without line feeds, each at most `columns` wide; escape sequences count nothing.
  ///   - rows: the terminal's height; one line is left free for the cursor, what does not fit is left out.
  ///   - columns: the terminal's width now. Lines that were drawn when it was wider have been wrapped by it.
  public mutating func frame(_ lines: [String], rows: Int, columns: Int) -> String {
    let shown = lines.prefix(max(rows - 1, 1))
    var text = home(columns: columns)
    let widths = shown.map(Self.visibleWidth)
    for (line, width) in zip(shown, widths) {
      text += line
      // What is left of the old line goes after the new text, so that the picture never blinks; but behind a
      // full line the cursor still stands on its last column, and that would go too.
      if width < columns { text += "\u{1b}[K" }
      text += "\n"
    }
    text += "\u{1b}[J"
    standing = widths
    return text
  }

  /// The bytes that take the picture away, so that the report can stand in its place.
  public mutating func clear(columns: Int) -> String {
    let text = home(columns: columns) + "\u{1b}[J"
    standing = []
    return text
  }

  /// Moves the cursor to the picture's first line.
  private func home(columns: Int) -> String {
    let columns = max(columns, 1)
    let rows = standing.reduce(0) { $0 + max(($1 + columns - 1) / columns, 1) }
    return rows == 0 ? "\r" : "\r\u{1b}[\(rows)A"
  }

  /// Columns without the escape sequences, which end with a byte from `@` to `~` (ECMA-48, 5.4).
  private static func visibleWidth(_ line: String) -> Int {
    var width = 0
    var isCommand = false
    for scalar in line.unicodeScalars {
      if scalar == "\u{1b}" {
        isCommand = true
      } else if !isCommand {
        width += Printable.width(String(scalar))
      } else if (0x40...0x7e).contains(scalar.value), scalar != "[" {
        isCommand = false
      }
    }
    return width
  }
}
