/// As much of a terminal as the live view uses (ECMA-48): CR, LF, CUU, EL, ED, SGR, and lines that wrap.
struct FakeTerminal {
  private(set) var columns: Int
  private let rows: Int
  /// Every line since the beginning, those that have scrolled out of sight first.
  private var lines: [[Unicode.Scalar]] = [[]]
  private var row = 0
  private var column = 0
  /// Sequences that the terminal does not know.
  private(set) var unknown: [String] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// What stands on the screen and above it, without blank lines at the end.
  var text: [String] {
    var text = lines.map { String(String.UnicodeScalarView($0)) }
    while text.last?.isEmpty ?? false { text.removeLast() }
    return text
  }

  mutating func write(_ text: String) {
    var sequence: String?
    for scalar in text.unicodeScalars {
      if var open = sequence {
        open.unicodeScalars.append(scalar)
        let isFinal = (0x40...0x7e).contains(scalar.value) && open != "["
        sequence = isFinal ? nil : open
        if isFinal { run(open) }
      } else {
        switch scalar {
        case "\u{1b}": sequence = ""
        case "\r": column = 0
        case "\n":
          column = 0
          row += 1
          if row == lines.count { lines.append([]) }
        default: put(scalar)
        }
      }
    }
  }

  /// Makes the terminal narrower or wider, as those do that wrap lines anew.
  mutating func resize(columns: Int) {
    self.columns = columns
    lines = lines.flatMap { line -> [[Unicode.Scalar]] in
      if line.isEmpty { return [[]] }
      return stride(from: 0, to: line.count, by: columns).map {
        Array(line[$0..<min($0 + columns, line.count)])
      }
    }
    row = lines.count - 1
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    if column == columns {
      column = 0
      row += 1
      if row == lines.count { lines.append([]) }
    }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = scalar
    column += 1
  }

  private mutating func run(_ sequence: String) {
    let parameter = Int(sequence.dropFirst().dropLast()) ?? 1
    switch sequence.last {
    case "A": row = max(row - parameter, max(lines.count - rows, 0))
    case "K":
      // Behind a full line the cursor stands on the last column until the next character wraps.
      let start = min(column, columns - 1)
      lines[row].removeSubrange(min(start, lines[row].count)...)
    case "J":
      lines[row].removeSubrange(min(column, lines[row].count)...)
      lines.removeSubrange((row + 1)...)
    case "m": break
    default: unknown.append(sequence)
    }
  }
}
