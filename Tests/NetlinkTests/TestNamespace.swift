import Foundation
import LinuxNamespaces
import Netlink
import Synchronization

/// Whether links and namespaces can be made here.
let isRoot = geteuid() == 0

/// A namespace of its own for one test, removed with this value.
final class TestNamespace {
  private static let count = Atomic(0)
  let name: String
  let namespace: NetworkNamespace
  let socket: NetlinkSocket

  init() throws {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    name = "mvt\(getpid())n\(number)"
    namespace = try NetworkNamespace.create(named: name)
    socket = try NetlinkSocket(in: namespace)
  }

  deinit {
    try? NetworkNamespace.delete(named: name)
  }

  /// Makes a pair of interfaces here, both up, and returns their links.
  func veth(_ first: String = "p0", _ second: String = "p1") throws -> (Link, Link) {
    try socket.createVeth(LinkSpecification(first), LinkSpecification(second))
    let links = (try socket.link(named: first), try socket.link(named: second))
    try socket.setUp(links.0.ifindex, true)
    try socket.setUp(links.1.ifindex, true)
    return links
  }

  /// What a command of iproute2 prints in this namespace as JSON.
  func json(_ command: String, _ arguments: String...) throws -> [[String: Any]] {
    let text = try output(of: [command, "-n", name, "-j"] + arguments)
    if text.isEmpty { return [] }
    let value = try JSONSerialization.jsonObject(with: text)
    // `ip -j -d link` prints an empty object for each link that it leaves out.
    return (value as? [[String: Any]] ?? []).filter { !$0.isEmpty }
  }

  /// Runs a command of iproute2 in this namespace.
  func run(_ command: String, _ arguments: String...) throws {
    _ = try output(of: [command, "-n", name] + arguments)
  }
}

/// A command that failed.
struct CommandFailure: Error {
  var command: String
  var message: String
}

/// Runs a command and returns its standard output.
func output(of command: [String]) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  let output = Pipe()
  let errors = Pipe()
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(
      command: command.joined(separator: " "), message: String(decoding: complaint, as: UTF8.self))
  }
  return text
}
