import LinuxNamespaces

/// The protocols' counters of the calling thread's namespace.
enum ProtocolCounters {
  /// By their names in the kernel's files, a prefix before those that stand behind one.
  static func read() -> [String: UInt64] {
    var counters: [String: UInt64] = [:]
    for file in ["snmp", "netstat"] {
      pairs(ProcFS.read("/proc/thread-self/net/\(file)") ?? "", &counters)
    }
    for line in (ProcFS.read("/proc/thread-self/net/snmp6") ?? "").split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count == 2, let value = UInt64(words[1]) { counters[String(words[0])] = value }
    }
    return counters
  }

  /// Reads pairs of lines: `Ip: Forwarding DefaultTTL` above `Ip: 1 64`.
  private static func pairs(_ text: String, _ counters: inout [String: UInt64]) {
    let lines = text.split(separator: "\n")
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      let names = lines[index].split(separator: " ")
      let values = lines[index + 1].split(separator: " ")
      guard let prefix = names.first, prefix == values.first else { continue }
      for (name, value) in zip(names.dropFirst(), values.dropFirst()) {
        // Some are signed, and -1 where they have no meaning.
        if let value = UInt64(value) { counters["\(prefix.dropLast()).\(name)"] = value }
      }
    }
  }
}
