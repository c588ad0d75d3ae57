/// What a terminal shows after some output: lines that the cursor moves over (ECMA-48), none of them wrapped.
struct Screen {
  private(set) var lines: [String] = [""]
  private var row = 0
  private var column = 0
  /// Sequences that are not known here, or that leave a terminal changed.
  private(set) var others: [String] = []
  /// Whether the last text was left in color.
  private(set) var isColored = false
  private(set) var everColored = false
  /// Whether the cursor was ever moved, or text taken away or colored.
  private(set) var isCommanded = false

  init(_ output: some Sequence<UInt8>) {
    var text = Array(String(decoding: Array(output), as: UTF8.self).unicodeScalars)[...]
    while let scalar = text.popFirst() {
      switch scalar {
      case "\r": column = 0
      case "\n":
        row += 1
        if row == lines.count { lines.append("") }
      case "\u{1b}": command(&text)
      default:
        var line = Array(lines[row].unicodeScalars)
        while line.count <= column { line.append(" ") }
        line[column] = scalar
        set(line)
        column += 1
      }
    }
  }

  var text: String { lines.joined(separator: "\n") }

  private mutating func set(_ line: some Sequence<Unicode.Scalar>) {
    lines[row] = ""
    lines[row].unicodeScalars.append(contentsOf: line)
  }

  private mutating func command(_ text: inout ArraySlice<Unicode.Scalar>) {
    isCommanded = true
    guard text.popFirst() == "[" else { return others.append("no CSI") }
    var parameters = ""
    while let scalar = text.popFirst() {
      guard (0x40...0x7e).contains(scalar.value) else {
        parameters.unicodeScalars.append(scalar)
        continue
      }
      switch scalar {
      case "A": row = max(0, row - (Int(parameters) ?? 1))
      case "K": set(Array(lines[row].unicodeScalars).prefix(column))
      case "J":
        set(Array(lines[row].unicodeScalars).prefix(column))
        lines.removeSubrange((row + 1)...)
      case "m":
        isColored = !(parameters.isEmpty || parameters == "0")
        everColored = everColored || isColored
      default: others.append("CSI \(parameters)\(scalar)")
      }
      return
    }
  }
}
