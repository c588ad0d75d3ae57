import BPF
import Glibc
import SystemPackage

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The BPF objects of the bench, as `make bench` leaves them in the build directory.
enum BenchObject {
  static func open(_ path: String) throws -> OpenObject {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(FilePath(path), .readOnly)
    } catch {
      throw BenchError("\(path): \(error); run `make bench` from the repository's root")
    }
    defer { _ = try? file.close() }
    let size = Int(try file.seek(offset: 0, from: .end))
    var bytes = [UInt8](repeating: 0, count: size)
    let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
    guard count == size else { throw BenchError("\(path) changed while it was read") }
    return try bytes.span.withUnsafeBytes { try OpenObject(bytes: $0, name: "bench") }
  }
}
