/// The mounts of this process's mount namespace (proc_pid_mountinfo(5)).
enum MountTable {
  /// The mount points that stand for network namespaces.
  static func networkNamespaces() -> [String] {
    ProcFS.read("/proc/self/mountinfo").map(networkNamespaces(in:)) ?? []
  }

  /// Those in the text of a mountinfo file: type nsfs, root `net:[inode]`.
  static func networkNamespaces(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      // ID, parent, device, root, mount point, options, any number of tags, "-", type, source, options.
      let fields = line.split(separator: " ", omittingEmptySubsequences: false)
      guard fields.count > 6, fields[3].hasPrefix("net:"),
        let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.endIndex, fields[dash + 1] == "nsfs"
      else { return nil }
      return unescape(fields[4])
    }
  }

  /// Undoes the kernel's octal escapes of space, tab, newline and backslash (seq_path in fs/seq_file.c).
  static func unescape(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }),
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
