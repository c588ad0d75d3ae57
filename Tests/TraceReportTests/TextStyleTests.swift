import Testing
import TraceReport

@Suite("The style of a medium") struct TextStyleTests {
  static let terminal = ["TERM": "xterm-256color", "LANG": "en_US.UTF-8"]

  @Test("a terminal gets colors, its own width and its locale's characters")
  func terminal() {
    let style = TextStyle.decide(isTerminal: true, columns: 132, environment: Self.terminal)
    #expect(style == TextStyle(colors: true, width: 132, unicode: true))
  }

  @Test("a file gets no colors, and 100 columns")
  func file() {
    let style = TextStyle.decide(
      isTerminal: false, columns: 132, environment: Self.terminal.merging(["COLUMNS": "40"]) { $1 })
    #expect(style == TextStyle(colors: false, width: 100, unicode: true))
  }

  @Test(
    "NO_COLOR set to anything but nothing (no-color.org), a dumb or an unknown terminal: no colors",
    arguments: [
      (["NO_COLOR": "1"], false), (["NO_COLOR": "0"], false), (["NO_COLOR": ""], true),
      (["TERM": "dumb"], false),
      (["TERM": ""], false), (["CI": "1"], true),
    ])
  func noColor(more: [String: String], expected: Bool) {
    let environment = Self.terminal.merging(more) { $1 }
    #expect(TextStyle.decide(isTerminal: true, columns: 80, environment: environment).colors == expected)
    #expect(!TextStyle.decide(isTerminal: true, columns: 80, environment: [:]).colors)
  }

  @Test(
    "LC_ALL is asked before LC_CTYPE, that before LANG, and nothing set means ASCII",
    arguments: [
      ([:], false), (["LANG": "C"], false), (["LANG": "C.utf8"], true),
      (["LC_ALL": "C", "LANG": "C.UTF-8"], false),
      (["LC_CTYPE": "de_DE.UTF-8", "LANG": "C"], true), (["LC_ALL": "", "LANG": "C.UTF-8"], true),
      (["LANG": "de_DE.ISO-8859-1"], false),
    ])
  func locale(environment: [String: String], expected: Bool) {
    #expect(TextStyle.decide(isTerminal: true, columns: 80, environment: environment).unicode == expected)
  }

  @Test("an unknown width is that of COLUMNS, else 100", arguments: [nil, 0, -1])
  func unknownWidth(columns: Int?) {
    #expect(TextStyle.decide(isTerminal: true, columns: columns, environment: ["COLUMNS": "72"]).width == 72)
    #expect(TextStyle.decide(isTerminal: true, columns: columns, environment: ["COLUMNS": "x"]).width == 100)
  }

  @Test("no width makes a style that cannot be drawn", arguments: [Int.min, -5, 0, 1, 19])
  func tinyWidth(width: Int) {
    #expect(TextStyle(colors: false, width: width).width == 20)
  }
}
