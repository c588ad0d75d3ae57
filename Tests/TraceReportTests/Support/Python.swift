import Foundation

/// A JSON reader that shares nothing with the writer: Python's.
enum Python {
  static let path = "/usr/bin/python3"
  static let isThere = FileManager.default.isExecutableFile(atPath: path)

  struct Failure: Error {
    var output: String
  }

  /// Runs a program with `input` on its standard input, and gives its standard output.
  static func run(_ program: String, input: [UInt8]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mvt-\(UUID().uuidString)")
    try Data(input).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-c", program]
    process.environment = ["PYTHONIOENCODING": "utf-8"]
    process.standardInput = try FileHandle(forReadingFrom: folder)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(output: text) }
    return text
  }

  /// The shape of a document: every value as its path and type, like `.counters[].vlan number`.
  static func shape(_ document: [UInt8]) throws -> Set<String> {
    let program = """
      import json, sys
      def names(pairs):
          keys = [key for key, _ in pairs]
          assert len(keys) == len(set(keys)), keys
          return dict(pairs)
      def walk(path, value):
          if isinstance(value, dict):
              print(path, "object")
              for key in value: walk(path + "." + key, value[key])
          elif isinstance(value, list):
              print(path, "array")
              for item in value: walk(path + "[]", item)
          else:
              kinds = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
              print(path, kinds[type(value)])
      walk("", json.loads(sys.stdin.buffer.read().decode("utf-8"), object_pairs_hook=names))
      """
    return Set(try run(program, input: document).split(separator: "\n").map { String($0) })
  }

  /// One value of a document, as Python's `json` reads it and `repr` writes it.
  static func value(_ expression: String, of document: [UInt8]) throws -> String {
    let program = "import json, sys\nreport = json.load(sys.stdin.buffer)\nprint(ascii(\(expression)))"
    return try run(program, input: document).trimmingCharacters(in: .newlines)
  }
}
