import FoundationEssentials

/// How many frames a tool says that it has counted; `nil` where it does not say.
enum PeerOutput {
  /// The frames of the bench that came in at the parent.
  static func macvtrace(_ output: String) -> UInt64? {
    // What it says on standard error stands before or behind the report.
    guard let start = output.firstIndex(of: "{"), let end = output.lastIndex(of: "}") else { return nil }
    return try? JSONDecoder().decode(ObservedReport.self, from: Data(output[start...end].utf8)).frames(
      in: "parent")
  }

  /// `00:11:22:33:44:55 counter packets 3 bytes 192`, one for each element.
  static func nftables(_ output: String) -> UInt64? { sum(output, after: "packets") }

  /// `12 packets captured`: those that it has read.
  static func tcpdump(_ output: String) -> UInt64? {
    output.split(separator: "\n").last { $0.hasSuffix("packets captured") || $0.hasSuffix("packet captured") }
      .flatMap { UInt64($0.prefix { $0.isNumber }) }
  }

  /// `@frames[1234]: 5`.
  static func bpftrace(_ output: String) -> UInt64? {
    let lines = output.split(separator: "\n").filter { $0.hasPrefix("@frames[") }
    return lines.isEmpty ? nil : lines.reduce(0) { $0 + (words($1).last.flatMap { UInt64($0) } ?? 0) }
  }

  /// `06:f1:00:00:00:00 <-> 02:00:00:00:10:00  0 0 bytes  12 768 bytes  12 768 bytes  0,000  1,0`: frames of both
  /// directions stand fifth from the end, before their octets.
  static func tshark(_ output: String) -> UInt64? {
    let lines = output.split(separator: "\n").filter { $0.contains("<->") }
    guard !lines.isEmpty else { return nil }
    return lines.reduce(0) { sum, line in
      let numbers = words(line).dropFirst(3).filter { $0.allSatisfy(\.isNumber) }
      // Frames and octets of each direction, then of both.
      return sum + (numbers.count >= 6 ? UInt64(numbers[numbers.startIndex + 4]) ?? 0 : 0)
    }
  }

  /// A line for each address, with its packets in the column of that name.
  static func pmacct(_ output: String) -> UInt64? {
    let lines = output.split(separator: "\n").map(words)
    guard let heading = lines.firstIndex(where: { $0.contains("PACKETS") }),
      let column = lines[heading].firstIndex(of: "PACKETS")
    else { return nil }
    return lines[(heading + 1)...].reduce(0) { sum, line in
      sum + (column < line.count ? UInt64(line[column]) ?? 0 : 0)
    }
  }

  private static func words(_ line: Substring) -> [Substring] {
    line.split(whereSeparator: { $0 == " " || $0 == "\t" })
  }

  private static func sum(_ output: String, after word: Substring) -> UInt64? {
    let all = output.split(whereSeparator: { " \t\n,".contains($0) })
    let numbers = zip(all, all.dropFirst()).filter { $0.0 == word }.compactMap { UInt64($0.1) }
    return numbers.isEmpty ? nil : numbers.reduce(0, +)
  }
}
