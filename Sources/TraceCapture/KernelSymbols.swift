import LinuxNamespaces

/// Names of kernel functions by their addresses (/proc/kallsyms).
enum KernelSymbols {
  /// The function that each address lies in; addresses that belong to none are left out.
  ///
  /// One pass over the file for all addresses, as it has 200,000 lines and few are ever asked for.
  static func functions(at addresses: Set<UInt64>) -> [UInt64: String] {
    guard !addresses.isEmpty, let text = ProcFS.read("/proc/kallsyms") else { return [:] }
    var best: [UInt64: (start: UInt64, name: String)] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      guard fields.count == 3, let kind = fields[1].first, kind | 0x20 == UInt8(ascii: "t"),
        let start = UInt64(Substring(fields[0]), radix: 16), start != 0
      else { continue }
      for address in addresses where start <= address && start >= best[address]?.start ?? 0 {
        let name = Substring(fields[2]).prefix { $0 != "\t" && $0 != " " }
        best[address] = (start, String(name))
      }
    }
    return best.mapValues(\.name)
  }
}
