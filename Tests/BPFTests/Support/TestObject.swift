import BPF
import Foundation

/// Whether BPF programs can be loaded here.
let isRoot = geteuid() == 0

/// The BPF objects that `make bpf` compiles from Programs.
enum TestObject {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../build/bpf-tests").standardized

  static func path(_ file: String) -> String { folder.appending(path: "\(file).bpf.o").path }

  /// Opens the object of a source file, which `body` prepares and loads.
  static func open<Result>(
    _ file: String, name: String? = nil, _ body: (consuming OpenObject) throws -> Result
  ) throws -> Result {
    let bytes = try Data(contentsOf: URL(filePath: path(file)))
    return try bytes.withUnsafeBytes { try body(OpenObject(bytes: $0, name: name ?? file)) }
  }

  /// An Ethernet frame that begins with that octet, zeros otherwise.
  static func frame(_ first: UInt8, length: Int = 60) -> [UInt8] {
    [first] + [UInt8](repeating: 0, count: length - 1)
  }
}
