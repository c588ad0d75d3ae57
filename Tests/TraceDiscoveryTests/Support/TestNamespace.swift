import Foundation
import LinuxNamespaces
import Netlink
import Synchronization
import TraceDiscovery
import TraceModel

/// Whether links and namespaces can be made here.
let isRoot = geteuid() == 0

/// A namespace of its own for one test, removed with this value.
final class TestNamespace {
  private static let count = Atomic(0)
  let name: String
  let namespace: NetworkNamespace

  init() throws {
    name = "mvt\(getpid())-d\(Self.count.add(1, ordering: .relaxed).newValue)"
    namespace = try NetworkNamespace.create(named: name)
  }

  deinit { try? NetworkNamespace.delete(named: name) }

  var inode: UInt64 { namespace.identity.inode }

  /// Runs commands of `ip` in this namespace, one a line, in one process.
  func ip(_ lines: String) throws { _ = try output(of: ["ip", "-n", name, "-batch", "-"], input: lines) }

  /// What `ip` or `bridge` prints in this namespace as JSON.
  func json(_ command: String...) throws -> [[String: Any]] {
    let text = try output(of: command.prefix(1) + ["-n", name, "-j"] + command.dropFirst())
    guard !text.isEmpty, let value = try JSONSerialization.jsonObject(with: text) as? [[String: Any]] else {
      return []
    }
    return value.filter { !$0.isEmpty }
  }

  /// Scans a parent that lives here.
  func scan(_ parent: String, containers: any ContainerNaming = Nobody()) throws -> Topology {
    try scanWithLimitations(parent, containers: containers).topology
  }

  /// Scans a parent that lives here, and returns what could not be seen.
  func scanWithLimitations(_ parent: String, containers: any ContainerNaming = Nobody()) throws
    -> (topology: Topology, limitations: [Degradation])
  {
    try namespace.run {
      var limitations: [Degradation] = []
      let topology = try TopologyScanner(parent: parent, containers: containers).scan(
        limitations: &limitations)
      return (topology, limitations)
    }
  }
}

/// Nobody who knows containers.
struct Nobody: ContainerNaming {
  func names(for children: [Interface], limitations: inout [Degradation]) -> [InterfaceID: Container] { [:] }
}

/// A command that failed.
struct CommandFailure: Error {
  var command: String
  var message: String
}

/// Runs a command and returns its standard output.
@discardableResult
func output(of command: [String], input: String = "") throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  let (stdin, output, errors) = (Pipe(), Pipe(), Pipe())
  process.standardInput = stdin
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
  try stdin.fileHandleForWriting.close()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(
      command: command.joined(separator: " "), message: String(decoding: complaint, as: UTF8.self))
  }
  return text
}

/// Looks again and again, for two seconds at most, until something is there.
func eventually<Value>(_ look: () throws -> Value?) rethrows -> Value? {
  for _ in 0..<200 {
    if let value = try look() { return value }
    usleep(10_000)
  }
  return nil
}
