import Foundation

/// A command that failed.
struct CommandFailure: Error {
  var command: [String]
  var message: String
}

/// Runs a command and returns its standard output.
@discardableResult
func output(of command: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  let output = Pipe()
  let complaints = FileManager.default.temporaryDirectory.appendingPathComponent("mvt-\(UUID().uuidString)")
  try Data().write(to: complaints)
  defer { try? FileManager.default.removeItem(at: complaints) }
  process.standardOutput = output
  process.standardError = try FileHandle(forWritingTo: complaints)
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(command: command, message: try String(contentsOf: complaints, encoding: .utf8))
  }
  return String(decoding: text, as: UTF8.self)
}

/// A file that is removed with this value.
final class TemporaryFile {
  let path: String

  init(_ octets: [UInt8] = [], ending: String = "pcapng") throws {
    path = FileManager.default.temporaryDirectory.path + "/mvt-\(UUID().uuidString).\(ending)"
    try Data(octets).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var octets: [UInt8] { get throws { try Array(Data(contentsOf: URL(fileURLWithPath: path))) } }
}
