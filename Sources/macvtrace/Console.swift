import Glibc
import SystemPackage
import TraceReport

/// Standard output and standard error.
enum Console {
  /// Writes the whole text to standard output. Returns false when the reader has gone away (`| head`), which is no
  /// failure.
  @discardableResult static func print(_ text: String) throws -> Bool {
    try print(Array(text.utf8))
  }

  /// As `print`, for a document.
  @discardableResult
  static func print(_ bytes: [UInt8]) throws -> Bool {
    do {
      try FileDescriptor.standardOutput.writeAll(bytes)
      return true
    } catch let error as Errno where error == .brokenPipe {
      return false
    } catch let error as Errno {
      complain("write to standard output: \(error) (errno \(error.rawValue)); choose another file")
      throw ExitStatus.failed
    }
  }

  /// Makes closed standard descriptors ones that fail: else the first socket would become standard output, and get
  /// the report.
  static func occupyClosedDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest that is free is this one; the wrong direction makes its use an error.
      _ = open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC)
    }
  }

  /// One line on standard error, with the program's name.
  static func say(_ text: String) {
    // Nobody is left to tell when standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll(Array("macvtrace: \(text)\n".utf8))
  }

  /// As `say`, for what went wrong: control characters in names are shown, never sent.
  static func complain(_ text: String) {
    let visible = text.unicodeScalars.map {
      $0.value < 32 || (127...159).contains($0.value) ? "?" : String($0)
    }.joined()
    say(visible)
  }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether standard output is a terminal on which the cursor can be moved.
  static var canRedraw: Bool {
    guard isTerminal, let name = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !name.isEmpty && name != "dumb"
  }

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
