import Testing
import TraceReport

@Suite("Redrawing in place") struct TerminalRedrawTests {
  static let shell = ["$ macvtrace attach ens33"]

  /// A terminal on which a shell has printed its prompt.
  static func terminal(columns: Int = 40, rows: Int = 10) -> FakeTerminal {
    var terminal = FakeTerminal(columns: columns, rows: rows)
    terminal.write(shell[0] + "\n")
    return terminal
  }

  @Test("each picture takes the place of the one before, longer, shorter or empty")
  func pictures() {
    var terminal = Self.terminal()
    var redraw = TerminalRedraw()
    for picture in [["one", "two"], ["a longer first line", "2", "3"], ["x"], [], ["again", "", "more"]] {
      terminal.write(redraw.frame(picture, rows: 10, columns: 40))
      #expect(terminal.text == Self.shell + picture)
    }
    #expect(terminal.unknown.isEmpty)
  }

  @Test("colors do not count as columns")
  func colors() {
    var terminal = Self.terminal(columns: 10)
    var redraw = TerminalRedraw()
    let colored = "\u{1b}[1;31m" + "123456789" + "\u{1b}[0m"
    for _ in 0..<3 { terminal.write(redraw.frame([colored, "end"], rows: 10, columns: 10)) }
    #expect(terminal.text.suffix(2) == ["123456789", "end"])
    #expect(terminal.text.filter { $0 == "end" }.count == 1)
  }

  @Test("a line as wide as the terminal takes one row, and what is below it stays in place")
  func fullWidth() {
    var terminal = Self.terminal(columns: 24)
    var redraw = TerminalRedraw()
    let wide = String(repeating: "w", count: 24)
    for tail in ["1", "2", "3"] { terminal.write(redraw.frame([wide, tail], rows: 10, columns: 24)) }
    #expect(terminal.text == Self.shell + [wide, "3"])
  }

  @Test("a picture that is higher than the terminal is cut: nothing scrolls away")
  func height() {
    var terminal = Self.terminal(rows: 6)
    var redraw = TerminalRedraw()
    let picture = (0..<50).map { "line \($0)" }
    for _ in 0..<4 { terminal.write(redraw.frame(picture, rows: 6, columns: 40)) }
    #expect(terminal.text == Self.shell + picture.prefix(5))
  }

  @Test("a terminal that was made narrower has wrapped the old lines: they go all the same")
  func narrower() {
    var terminal = Self.terminal(columns: 40, rows: 20)
    var redraw = TerminalRedraw()
    terminal.write(redraw.frame([String(repeating: "a", count: 40), "b"], rows: 20, columns: 40))
    terminal.resize(columns: 30)
    terminal.write(redraw.frame(["c", "d"], rows: 20, columns: 30))
    #expect(terminal.text == Self.shell + ["c", "d"])
  }

  @Test("clearing leaves what stood above, and the next text begins where the picture was")
  func clear() {
    var terminal = Self.terminal()
    var redraw = TerminalRedraw()
    terminal.write(redraw.frame(["one", "two", "three"], rows: 10, columns: 40))
    terminal.write(redraw.clear(columns: 40) + "report\n")
    #expect(terminal.text == Self.shell + ["report"])
    terminal.write(redraw.frame(["next"], rows: 10, columns: 40))
    #expect(terminal.text == Self.shell + ["report", "next"])
  }

  @Test("a terminal without a size does not crash it", arguments: [-1, 0, 1])
  func noSize(size: Int) {
    var redraw = TerminalRedraw()
    _ = redraw.frame(["one", "two"], rows: size, columns: size)
    #expect(redraw.frame(["three"], rows: size, columns: size).contains("three"))
  }
}
