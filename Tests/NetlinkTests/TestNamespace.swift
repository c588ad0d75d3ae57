import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
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
    name = "mvt\(getpid())-n\(number)"
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
  func json(_ command: String...) throws -> [[String: Any]] { try json(command) }

  /// What a command of iproute2 prints in this namespace as JSON.
  func json(_ command: [String]) throws -> [[String: Any]] {
    let text = try print(["-j"], command)
    if text.isEmpty { return [] }
    let value = try JSONSerialization.jsonObject(with: text)
    // `ip -j -d link` prints an empty object for each link that it leaves out.
    return (value as? [[String: Any]] ?? []).filter { !$0.isEmpty }
  }

  /// Runs `body` until nothing that the commands print changed meanwhile: the kernel itself changes states,
  /// such as carrier, neighbors and IPv6 addresses, for some seconds after a link was made.
  func whileStill<Value>(_ commands: [String]..., body: () throws -> Value) throws -> Value {
    try whileStill(commands, body: body)
  }

  func whileStill<Value>(_ commands: [[String]], body: () throws -> Value) throws -> Value {
    for _ in 0..<50 {
      let before = try commands.map { try print([], $0) }
      let value = try body()
      if try commands.map({ try print([], $0) }) == before { return value }
    }
    throw CommandFailure(command: "\(commands)", message: "never stood still")
  }

  private func print(_ options: [String], _ command: [String]) throws -> Data {
    try output(of: command.prefix(1) + ["-n", name] + options + command.dropFirst())
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
