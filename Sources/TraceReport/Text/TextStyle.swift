/// How text is laid out for whoever reads it.
public struct TextStyle: Hashable, Sendable {
  /// Whether ANSI colors (ECMA-48 SGR) are written.
  public var colors: Bool
  /// Columns of the medium.
  public var width: Int
  /// Whether the medium shows UTF-8; else every line is ASCII.
  public var unicode: Bool

  /// The width where nothing else is known.
  public static let defaultWidth = 100

  /// Makes a style; less than 20 columns counts as 20.
  public init(colors: Bool, width: Int = TextStyle.defaultWidth, unicode: Bool = true) {
    self.colors = colors
    self.width = max(width, 20)
    self.unicode = unicode
  }

  /// Chooses a style for a file descriptor.
  ///
  /// Colors are for terminals that can show them and people who want them: not where `NO_COLOR` is set to
  /// anything (https://no-color.org), nor where `TERM` is `dumb` or missing. The character set is that of the
  /// locale (`LC_ALL`, else `LC_CTYPE`, else `LANG`: POSIX.1-2017, 8.2).
  ///
  /// - Parameters:
  ///   - isTerminal: what `isatty` says.
  ///   - columns: the terminal's width (`TIOCGWINSZ`), where known; 0 counts as unknown.
  ///   - environment: the process's environment.
  public static func decide(isTerminal: Bool, columns: Int? = nil, environment: [String: String]) -> TextStyle
  {
    let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let terminal = value("TERM") ?? "dumb"
    let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "C").lowercased()
    let known = columns.flatMap { $0 > 0 ? $0 : nil }
    return TextStyle(
      colors: isTerminal && terminal != "dumb" && value("NO_COLOR") == nil,
      width: isTerminal ? known ?? value("COLUMNS").flatMap { Int($0) } ?? defaultWidth : defaultWidth,
      unicode: locale.contains("utf-8") || locale.contains("utf8"))
  }

  /// The width of running text: long lines are hard to read.
  var measure: Int { min(width, Self.defaultWidth) }
}
