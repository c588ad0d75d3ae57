import Glibc
import LinuxNamespaces
import SystemPackage

/// `macvtrace attach` as a process of its own, as a user runs it.
final class ObservingProcess {
  var pid: pid_t { process.pid }
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
  private let process: ChildProcess

  /// Runs the command on the parent of a network until it has attached.
  ///
  /// - Parameters:
  ///   - arguments: more of `macvtrace attach`.
  ///   - report: the file that gets its report.
  init(
    _ binary: String, _ arguments: [String] = [], report: String = "/dev/null", in host: NetworkNamespace
  ) throws {
    let (reader, writer) = try FileDescriptor.pipe()
    let words = [binary, "attach", BenchNetwork.parent, "--json"] + arguments
    _ = fcntl(reader.rawValue, F_SETFD, FD_CLOEXEC)
    let output = try FileDescriptor.open(
      report, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    let start = Self.now()
    process = try ChildProcess(words, output: output, errors: writer, in: host)
    try output.close()
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

  deinit { try? errors.close() }

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
    let end = process.end(signal)
    peakMemory = end.peakMemory
    processorTime = end.processorTime
    return end.status
  }

  /// The monotonic clock, in milliseconds.
  static func now() -> Double { Double(MonotonicClock.now()) / 1e6 }
}
