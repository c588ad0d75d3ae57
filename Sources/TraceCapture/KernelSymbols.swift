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
    if !new.isEmpty {
      let found = Self.find(new, in: ProcFS.octets("/proc/kallsyms") ?? [])
      for address in new { known[address] = .some(found[address]) }
    }
    return known.filter { addresses.contains($0.key) }.compactMapValues(\.self)
  }

  /// The function that begins last at or before each address.
  ///
  /// - Parameter table: lines like `ffffffff81e0f3a0 t nf_hook_slow` or, with a tab, `... t br_handle_frame [bridge]`;
  ///   addresses are 0 where the kernel hides them (kptr_restrict).
  static func find(_ addresses: Set<UInt64>, in table: [UInt8]) -> [UInt64: String] {
    let wanted = Array(addresses)
    var starts = [UInt64](repeating: 0, count: wanted.count)
    var names = [Range<Int>](repeating: 0..<0, count: wanted.count)
    var next = 0
    while next < table.count {
      let end = table[next...].firstIndex(of: UInt8(ascii: "\n")) ?? table.endIndex
      let function = function(in: table[next..<end])
      next = end + 1
      guard let function else { continue }
      for index in wanted.indices where function.start <= wanted[index] && function.start >= starts[index] {
        starts[index] = function.start
        names[index] = function.name
      }
    }
    let found = wanted.indices.filter { !names[$0].isEmpty }
    return Dictionary(
      uniqueKeysWithValues: found.map { (wanted[$0], String(decoding: table[names[$0]], as: UTF8.self)) })
  }

  /// Where the function of a line begins, and where in the table its name stands; `nil` for what is none.
  private static func function(in line: ArraySlice<UInt8>) -> (start: UInt64, name: Range<Int>)? {
    var start: UInt64 = 0
    var index = line.startIndex
    while index < line.endIndex, let digit = hexDigit(line[index]) {
      start = start << 4 | digit
      index += 1
    }
    // A space, the kind, a space.
    guard start != 0, index + 3 < line.endIndex, line[index + 1] | 0x20 == UInt8(ascii: "t") else {
      return nil
    }
    let name = line[(index + 3)...]
    let end = name.firstIndex { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") } ?? line.endIndex
    return (start, index + 3..<end)
  }

  private static func hexDigit(_ octet: UInt8) -> UInt64? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(octet - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(octet - UInt8(ascii: "a") + 10)
    default: nil
    }
  }
}
