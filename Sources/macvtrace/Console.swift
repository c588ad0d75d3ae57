import Glibc
import SystemPackage
import TraceReport

/// Standard output and standard error.
enum Console {
  /// Writes the whole text to standard output. A reader that has gone away (`| head`) is no failure.
  static func print(_ text: String) throws {
    try write(Array(text.utf8), to: .standardOutput)
  }

  static func write(_ bytes: [UInt8], to file: FileDescriptor) throws {
    do {
      try file.writeAll(bytes)
    } catch let error as Errno where error == .brokenPipe {
      return
    }
  }

  /// One line on standard error, with the program's name.
  static func say(_ text: String) {
    // Nobody is left to tell when standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll(Array("macvtrace: \(text)\n".utf8))
  }

  /// As `say`, for what ends the program: control characters in names are shown, never sent.
  static func complain(_ text: String) {
    let visible = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined()
    say(visible)
  }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The terminal's size; the defaults where it has none.
  static var size: (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
      return (24, TextStyle.defaultWidth)
    }
    return (Int(size.ws_row), Int(size.ws_col))
  }

  /// The style for standard output as it is now.
  static var style: TextStyle {
    var environment: [String: String] = [:]
    for name in ["TERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return TextStyle.decide(
      isTerminal: isTerminal, columns: isTerminal ? size.columns : nil, environment: environment)
  }
}
