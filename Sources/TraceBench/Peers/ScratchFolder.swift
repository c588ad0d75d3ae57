import FoundationEssentials
import Glibc

/// A folder for what tools read and write meanwhile; removed with this value.
final class ScratchFolder {
  let path: String

  init() throws {
    path = "/tmp/mvt\(getpid())-bench"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
