import BPF
import FoundationEssentials
import Glibc
import LinuxNamespaces
import SystemPackage
import TraceLab

/// A peer that observes the parent of a network, from its start to its end.
final class RunningPeer {
  private let peer: Peer
  private let host: NetworkNamespace
  private var links: Attachment?
  private var process: ChildProcess?
  private let outputPath: String
  private let errorPath: String
  /// Milliseconds of CLOCK_MONOTONIC just before exec.
  let started: Double

  /// How long a peer may take to be ready, and to end, in milliseconds.
  private static let patience = 15_000.0

  /// Starts it; it may not be ready yet.
  ///
  /// - Parameters:
  ///   - host: the parent's namespace.
  ///   - child: that of the child, whose interface is `eth0`.
  ///   - files: a folder for what it reads and writes.
  init(_ peer: Peer, in host: NetworkNamespace, child: NetworkNamespace, files: String) throws {
    self.peer = peer
    self.host = host
    outputPath = "\(files)/output"
    errorPath = "\(files)/errors"
    if let file = peer.file { try Data(file.text.utf8).write(to: URL(filePath: file.path)) }
    switch peer.life {
    case .program(let object, let name):
      started = ObservingProcess.now()
      links = try Attachment.hooks(
        try BenchObject.open(object).load().program(name), parent: host, child: child)
    case .rules:
      started = ObservingProcess.now()
      let result = try CommandRunner.run(peer.words, in: host)
      guard result.status == 0 else { throw BenchError("\(peer.name): \(result.output)") }
    case .process:
      let output = try Self.create(outputPath)
      let errors = try Self.create(errorPath)
      started = ObservingProcess.now()
      process = try ChildProcess(peer.words, output: output, errors: errors, in: host)
      try output.close()
      try errors.close()
    }
  }

  deinit { end() }

  /// Whether it has said that it is ready.
  func isReady() throws -> Bool {
    guard case .process(let ready) = peer.life, let process else { return true }
    let said = [errorPath, outputPath].map { ProcFS.read($0, limit: 65536) ?? "" }
    if said.contains(where: { $0.contains(ready) }) { return true }
    guard process.isRunning, ObservingProcess.now() < started + Self.patience else {
      throw BenchError("\(peer.name) did not become ready: \(said.joined())")
    }
    return false
  }

  func waitUntilReady() throws {
    while try !isReady() { usleep(2000) }
  }

  /// Seconds of processor time that its processes have taken.
  var processorTime: Double { process.map { ProcessTree(of: $0.pid).processorTime } ?? 0 }
  /// MiB that its processes hold; `nil` where it has none.
  var resident: Double? { process.map { ProcessTree(of: $0.pid).resident } }

  /// Lets it read what waits, asks for its count, and ends it.
  ///
  /// - Returns: the frames that it counted; `nil` when it did not say, or did not end in time.
  func finish() throws -> UInt64? {
    usleep(UInt32(peer.settling * 1000))
    var count: UInt64?
    if case .command(let words, let read) = peer.count {
      count = read(try CommandRunner.run(words, in: host).output)
    }
    guard let process else {
      end()
      return count
    }
    let hasEnded = process.end(SIGINT, patience: Self.patience) != nil
    self.process = nil
    if case .output(let read) = peer.count, hasEnded {
      count = read((ProcFS.read(errorPath) ?? "") + Self.tail(outputPath))
    }
    return count
  }

  /// Ends it without asking.
  func end() {
    if case .rules(let removal) = peer.life { _ = try? CommandRunner.run(removal, in: host) }
    if let process { _ = process.end(SIGTERM, patience: 2000) }
    process = nil
    links = nil
  }

  private static func create(_ path: String) throws -> FileDescriptor {
    try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  }

  /// The last part of a file, which may hold a line for each of a million frames.
  private static func tail(_ path: String) -> String {
    guard let file = try? FileDescriptor.open(path, .readOnly),
      let size = try? file.seek(offset: 0, from: .end)
    else { return "" }
    defer { try? file.close() }
    let start = max(0, size - (16 << 20))
    var bytes = [UInt8](repeating: 0, count: Int(size - start))
    let count =
      (try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: start, into: $0) }) ?? 0
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
