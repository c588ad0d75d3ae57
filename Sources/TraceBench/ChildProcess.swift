import Glibc
import LinuxNamespaces
import SystemPackage

/// A command that the bench has started.
final class ChildProcess {
  /// What the kernel counted of a process that ended, and of those that it had waited for.
  struct End {
    /// As wait4(2) gives it.
    let status: Int32
    /// The most memory that it held, in MiB.
    let peakMemory: Double
    /// Seconds.
    let processorTime: Double
  }

  let pid: pid_t
  private var isOver = false

  /// Starts a command in a namespace, with these descriptors under other numbers.
  init(_ words: [String], output: FileDescriptor, errors: FileDescriptor, in host: NetworkNamespace) throws {
    for descriptor in [output, errors] { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
    pid = try host.run { try Self.spawn(words, output, errors) }
  }

  deinit {
    if !isOver { _ = end(SIGKILL) }
  }

  /// Sends it a signal, and waits for its end.
  func end(_ signal: Int32) -> End {
    kill(pid, signal)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
    return ended(status, usage)
  }

  /// Sends it a signal; `nil` when it had to be killed, as it did not end in time.
  ///
  /// - Parameter patience: in milliseconds.
  func end(_ signal: Int32, patience: Double) -> End? {
    kill(pid, signal)
    let deadline = ObservingProcess.now() + patience
    var status: Int32 = 0
    var usage = rusage()
    while ObservingProcess.now() < deadline {
      if wait4(pid, &status, WNOHANG, &usage) == pid { return ended(status, usage) }
      usleep(2000)
    }
    // Those that it has started first: nobody else would end them.
    for child in ProcessTree(of: pid).pids.dropFirst() { kill(child, SIGKILL) }
    _ = end(SIGKILL)
    return nil
  }

  /// Whether it has not ended by itself.
  var isRunning: Bool {
    var information = siginfo_t()
    guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return false }
    return information.si_signo == 0
  }

  private func ended(_ status: Int32, _ usage: rusage) -> End {
    isOver = true
    let times = [usage.ru_utime, usage.ru_stime]
    return End(
      status: status, peakMemory: Double(usage.ru_maxrss) / 1024,
      processorTime: times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 })
  }

  /// A child process inherits the namespace of the thread that starts it.
  private static func spawn(_ words: [String], _ output: FileDescriptor, _ errors: FileDescriptor) throws
    -> pid_t
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.rawValue, 2)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { arguments.forEach { free($0) } }
    var pid = pid_t()
    let status = posix_spawnp(&pid, words.first ?? "", &actions, nil, arguments, environ)
    guard status == 0 else {
      throw BenchError("\(words.joined(separator: " ")): \(Errno(rawValue: status))")
    }
    return pid
  }
}
