import Foundation
import LinuxNamespaces
import Synchronization

/// Whether namespaces can be made here.
let isRoot = geteuid() == 0

/// A name for a namespace of one test; what it names is removed with this value.
final class TestName {
  private static let count = Atomic(0)
  let text: String

  init() {
    text = "mvt\(getpid())-t\(Self.count.add(1, ordering: .relaxed).newValue)"
  }

  deinit {
    if NamedNamespaces.exists(text) { try? NamedNamespaces.delete(text) }
  }
}

/// A command that failed.
struct CommandFailure: Error {
  var command: [String]
  var message: String
}

/// Runs a command and returns its standard output.
@discardableResult
func output(of command: String...) throws -> String {
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
    throw CommandFailure(command: command, message: String(decoding: complaint, as: UTF8.self))
  }
  return String(decoding: text, as: UTF8.self)
}

/// The number in `net:[4026531840]`, which is what the kernel's links to namespaces say.
func inode(ofLink path: String) -> UInt64? {
  (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).flatMap {
    UInt64($0.drop { !$0.isNumber }.prefix { $0.isNumber })
  }
}
