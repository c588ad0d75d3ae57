import Foundation

/// A command that failed.
struct CommandFailure: Error {
  var command: [String]
  var output: String
}

/// Runs a command and returns its standard output.
@discardableResult
func output(of command: [String]) throws -> Data {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let text = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(command: command, output: String(decoding: text, as: UTF8.self))
  }
  return text
}

/// The kernel's objects as bpftool reads them.
enum BPFTool {
  typealias JSON = [String: Any]

  private static func read(_ command: [String]) throws -> Any {
    try JSONSerialization.jsonObject(
      with: output(of: ["bpftool", "-j"] + command), options: .fragmentsAllowed)
  }

  /// One object, such as `prog show id 7`.
  static func object(_ command: String...) throws -> JSON { try read(command) as? JSON ?? [:] }

  /// A list of objects, such as `map dump id 7`.
  static func list(_ command: String...) throws -> [JSON] { try read(command) as? [JSON] ?? [] }

  /// The number that a list of octets such as `["0x01", "0x00"]` is in this machine's order.
  static func number(_ octets: Any?) -> UInt64? {
    guard let octets = octets as? [String] else { return nil }
    return octets.reversed().reduce(0) { sum, octet in
      sum.flatMap { sum in UInt64(octet.dropFirst(2), radix: 16).map { sum << 8 | $0 } }
    }
  }
}

/// What the kernel says of a descriptor of this process, by its name: `/proc/self/fdinfo`.
func descriptorInformation(_ descriptor: Int32) throws -> [String: String] {
  let text = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
  var fields: [String: String] = [:]
  for line in text.split(separator: "\n") {
    let parts = line.split(separator: ":", maxSplits: 1)
    if parts.count == 2 { fields[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
  }
  return fields
}

/// The descriptors of this process whose link in /proc ends in a word, such as `bpf-prog`.
func openDescriptors(_ kind: String) throws -> [Int32] {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
    return target?.hasSuffix(kind) == true ? Int32(name) : nil
  }
}
