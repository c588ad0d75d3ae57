import Glibc
import LinuxNamespaces
import SystemPackage
import TestSupport
import Testing

/// A command that runs beside a test, in a namespace; ended when the test is over.
final class Background {
  let pid: pid_t
  private let log: String
  private var isOver = false

  init(_ arguments: [String], in namespace: NetworkNamespace) throws {
    let path = "/tmp/mvt\(getpid())-\(UInt32.random(in: 0 ... .max)).log"
    log = path
    // A child process inherits the namespace of the thread that starts it.
    pid = try namespace.run {
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
      // The threads of a test block signals, and a child process inherits that: SIGINT would never arrive.
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var none = sigset_t()
      sigemptyset(&none)
      posix_spawnattr_setsigmask(&attributes, &none)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
      var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
      words.append(nil)
      defer { words.forEach { free($0) } }
      var pid = pid_t()
      let status = posix_spawnp(&pid, arguments[0], &actions, &attributes, words, environ)
      guard status == 0 else { throw Errno(rawValue: status) }
      return pid
    }
  }

  deinit {
    if !isOver { stop() }
    unlink(log)
  }

  private var output: String { ProcFS.read(log) ?? "" }

  /// Waits until the command has said something.
  func waitFor(_ text: String, seconds: Int = 5) throws {
    for _ in 0..<Patience.times(seconds * 100) {
      if output.contains(text) { return }
      usleep(10_000)
    }
    try #require(output.contains(text), "\(output)")
  }

  /// Interrupts the command, waits for its end, and returns all that it said.
  @discardableResult func stop() -> String { end(SIGINT) }

  /// Ends the command at once, without a chance to tidy up, and waits for its end.
  func kill() { _ = end(SIGKILL) }

  private func hasEnded(_ options: CInt) -> Bool {
    var code: Int32 = 0
    let ended = waitpid(pid, &code, options)
    return ended == pid || ended < 0 && errno == ECHILD
  }

  private func end(_ signal: CInt) -> String {
    isOver = true
    Glibc.kill(pid, signal)
    for _ in 0..<Patience.times(20_000) {
      if hasEnded(WNOHANG) { return output }
      usleep(1000)
    }
    Issue.record("it does not end on signal \(signal): \(output.suffix(500))")
    Glibc.kill(pid, SIGKILL)
    while !hasEnded(0) {}
    return output
  }
}
