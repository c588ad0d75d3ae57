import Glibc

/// Links of /proc, whose targets are read and not followed.
enum SymbolicLink {
  /// The target's text, cut off after 255 octets; `nil` for what is no link, or gone.
  static func target(of path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 255) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(path, start, buffer.count)
      guard count >= 0 else { return nil }
      return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Whether the target of a link in /proc/PID/fd can be a network namespace: `net:[INODE]`, where one was mounted,
  /// or `/` once that is unmounted (d_path in fs/d_path.c).
  ///
  /// Others are not followed: the server of a file on a network may not answer.
  static func canBeNamespace(_ target: String) -> Bool {
    target == "/" || target.hasPrefix("net:[") || (target.hasPrefix("/") && target.contains("netns"))
  }
}
