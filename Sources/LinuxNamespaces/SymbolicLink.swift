import Glibc

/// Links of /proc, whose targets are read and not followed.
enum SymbolicLink {
  /// Whether the target of a link in /proc/PID/fd can be a network namespace: `net:[INODE]`, where one was mounted,
  /// or `/` once that is unmounted (d_path in fs/d_path.c). False for what is no link, or gone.
  ///
  /// Others are not followed: the server of a file on a network may not answer. A machine has thousands of them, so no
  /// text is made of them; what stands behind their first 255 octets is not looked at.
  static func canBeNamespace(_ path: String) -> Bool {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { target in
      guard let start = target.baseAddress else { return false }
      let count = readlink(path, start, target.count - 1)
      guard count > 0 else { return false }
      start[count] = 0
      if strncmp(start, "/", 1) == 0 { return count == 1 || strstr(start, "netns") != nil }
      return strncmp(start, "net:[", 5) == 0
    }
  }
}
