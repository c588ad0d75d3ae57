import Glibc
import LinuxNamespaces
import SystemPackage
import Testing

/// A command on a terminal of its own, 80 columns wide and 24 lines high.
final class PseudoTerminal {
  private let terminal: FileDescriptor
  private let pid: pid_t
  private var isOver = false
  /// All that the command sent to its terminal.
  private(set) var output: [UInt8] = []

  init(_ arguments: [String], environment: [String], in namespace: NetworkNamespace) throws {
    terminal = try FileDescriptor.open(
      "/dev/ptmx", .readWrite, options: [.init(rawValue: O_NOCTTY), .closeOnExec])
    // TIOCSPTLCK and TIOCGPTN (pts(4)): what unlockpt and ptsname do, which Swift's map of Glibc hides.
    var (unlocked, number): (CInt, CInt) = (0, 0)
    try #require(ioctl(terminal.rawValue, 0x4004_5431, &unlocked) == 0)
    try #require(ioctl(terminal.rawValue, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(terminal.rawValue, UInt(TIOCSWINSZ), &size) == 0)
    pid = try namespace.run {
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      // The first terminal that the leader of a session opens becomes the one whose Ctrl-C it gets.
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var none = sigset_t()
      sigemptyset(&none)
      posix_spawnattr_setsigmask(&attributes, &none)
      // POSIX_SPAWN_SETSID, hidden likewise.
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
      var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
      var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
      defer { (words + settings).forEach { free($0) } }
      var pid = pid_t()
      let status = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, &settings)
      guard status == 0 else { throw Errno(rawValue: status) }
      return pid
    }
  }

  deinit {
    if !isOver {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    try? terminal.close()
  }

  /// The terminal's modes.
  var modes: [UInt32] {
    var modes = termios()
    tcgetattr(terminal.rawValue, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }

  /// Presses a key, such as 3 for Ctrl-C.
  func press(_ key: UInt8) throws { try terminal.writeAll([key]) }

  /// Reads what comes until `condition` holds, for at most that time; false when it never did.
  func read(seconds: Int32, until condition: ([UInt8]) -> Bool) -> Bool {
    for _ in 0..<(seconds * 20) {
      if condition(output) { return true }
      var ready = pollfd(fd: terminal.rawValue, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 50) > 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 65536)
      // EIO: the command has closed its side.
      guard let count = try? buffer.withUnsafeMutableBytes({ try terminal.read(into: $0) }), count > 0 else {
        return condition(output)
      }
      output += buffer[..<count]
    }
    return condition(output)
  }

  /// Reads to the end and returns the exit status; `nil` when the command did not end in five seconds.
  func end() -> Int32? {
    _ = read(seconds: 5) { _ in false }
    var code: Int32 = 0
    // It closes the terminal a moment before it is over.
    var patience = 200
    while waitpid(pid, &code, WNOHANG) != pid {
      guard patience > 0 else { return nil }
      patience -= 1
      usleep(10_000)
    }
    isOver = true
    return code & 0x7f == 0 ? code >> 8 & 0xff : 128 + code & 0x7f
  }
}
