import Glibc
import SystemPackage

/// Small text files of /proc and /sys.
public enum ProcFS {
  static let networkSettings = "/proc/sys/net/"

  /// The whole text, or as much as `limit` octets and what was read with them; `nil` when the file cannot be read.
  public static func read(_ path: String, limit: Int = .max) -> String? {
    octets(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
  }

  /// As `read`, for texts of which little is wanted: the octets as they are.
  public static func octets(_ path: String, limit: Int = .max) -> [UInt8]? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return nil }
    defer { try? file.close() }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
      text += buffer[..<count]
      if count == 0 || text.count >= limit { return text }
    }
  }

  /// Replaces the text.
  public static func write(_ path: String, _ text: String) throws(NamespaceError) {
    do {
      let file = try FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
      try file.closeAfter { _ = try file.writeAll(Array(text.utf8)) }
    } catch {
      throw NamespaceError("write \(path)", errno: error as? Errno ?? .ioError, code: .setting)
    }
  }

  /// A network setting of the calling thread's namespace, by its path under /proc/sys/net; `nil` for none.
  public static func sysctl(_ path: String) -> String? {
    Sysctl.isInside(path) ? firstLine(networkSettings + path) : nil
  }

  /// The first line, as far as one read(2) of at most 4096 octets gives it; `nil` when the file cannot be read.
  ///
  /// A setting is read whole by its first read, or not at all (proc_dointvec in kernel/sysctl.c).
  ///
  /// - Parameter directory: where a path that is no absolute one begins.
  static func firstLine(_ path: String, in directory: FileDescriptor? = nil) -> String? {
    let raw = openat(directory?.rawValue ?? AT_FDCWD, path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return nil }
    let file = FileDescriptor(rawValue: raw)
    defer { try? file.close() }
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      guard let count = try? file.read(into: buffer) else { return nil }
      return String(decoding: buffer[..<count].prefix { $0 != 0x0a }, as: UTF8.self)
    }
  }
}
