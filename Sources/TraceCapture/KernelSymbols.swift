import LinuxNamespaces

/// Names of kernel functions by their addresses (/proc/kallsyms).
struct KernelSymbols {
  /// What was asked for before; `nil` for an address that belongs to no function.
  private var known: [UInt64: String?] = [:]

  /// The function that each address lies in; addresses that belong to none are left out.
  ///
  /// The file has 200,000 lines and few are ever asked for: it is read once for all addresses that are new.
  mutating func functions(at addresses: Set<UInt64>) -> [UInt64: String] {
    let new = addresses.filter { known[$0] == nil }
    let found = Self.read(new)
    for address in new { known[address] = .some(found[address]) }
    return known.filter { addresses.contains($0.key) }.compactMapValues(\.self)
  }

  private static func read(_ addresses: Set<UInt64>) -> [UInt64: String] {
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
