import Glibc
import LinuxNamespaces
import SystemPackage

/// `macvtrace attach` as a process of its own, as a user runs it.
final class ObservingProcess {
  let pid: pid_t
  /// Milliseconds from just before exec until the command said that all hooks are attached.
  let attached: Double
  /// Milliseconds from SIGINT until the process was gone, its report written.
  private(set) var stopped = 0.0
  /// The most memory that it held, in MiB.
  private(set) var peakMemory = 0.0
  /// The processor time that it took, in seconds.
  private(set) var processorTime = 0.0

  private let words: [String]
  private let errors: FileDescriptor
  private var isOver = false

  /// Runs the command on the parent of a network until it has attached.
  ///
  /// - Parameter report: the file that gets its report.
  init(_ binary: String, report: String = "/dev/null", in host: NetworkNamespace) throws {
    let (reader, writer) = try FileDescriptor.pipe()
    let words = [binary, "attach", BenchNetwork.parent, "--json"]
    let start = Self.now()
    pid = try host.run { try Self.spawn(words, report, standardError: writer, closing: reader) }
    try writer.close()
    self.words = words
    errors = reader
    var said = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    var end = start
    while !said.contains("hooks\n") {
      let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
      end = Self.now()
      guard count > 0 else { throw BenchError("\(words.joined(separator: " ")): \(said)") }
      said += String(decoding: buffer[..<count], as: UTF8.self)
    }
    attached = end - start
  }

  deinit {
    if !isOver { kill() }
    try? errors.close()
  }

  /// Runs the command on the parent of a network from its attaching to its report.
  ///
  /// - Parameter body: what happens while it observes.
  static func run(
    _ binary: String, report: String = "/dev/null", in host: NetworkNamespace,
    while body: (ObservingProcess) throws -> Void = { _ in }
  ) throws -> ObservingProcess {
    let process = try ObservingProcess(binary, report: report, in: host)
    try body(process)
    try process.stop()
    return process
  }

  /// Interrupts it, and waits for its report and its end.
  func stop() throws {
    let asked = Self.now()
    let status = end(SIGINT)
    stopped = Self.now() - asked
    guard status == 0 else { throw BenchError("\(words.joined(separator: " ")): status \(status)") }
  }

  /// Ends it without a chance to tidy up.
  func kill() { _ = end(SIGKILL) }

  private func end(_ signal: Int32) -> Int32 {
    Glibc.kill(pid, signal)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
    isOver = true
    peakMemory = Double(usage.ru_maxrss) / 1024
    let times = [usage.ru_utime, usage.ru_stime]
    processorTime = times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return status
  }

  /// A child process inherits the namespace of the thread that starts it.
  private static func spawn(
    _ arguments: [String], _ report: String, standardError: FileDescriptor, closing reader: FileDescriptor
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, report, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, standardError.rawValue, 2)
    posix_spawn_file_actions_addclose(&actions, reader.rawValue)
    posix_spawn_file_actions_addclose(&actions, standardError.rawValue)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var pid = pid_t()
    let status = posix_spawn(&pid, arguments[0], &actions, nil, words, environ)
    guard status == 0 else {
      throw BenchError("\(arguments[0]): \(Errno(rawValue: status)); run `make build`")
    }
    return pid
  }

  /// The monotonic clock, in milliseconds.
  static func now() -> Double { Double(MonotonicClock.now()) / 1e6 }
}
