import ArgumentParser
import TraceModel

/// A rate on the command line: `100M`, `1.5G`, `64k`, or bit/s as a plain number.
struct BitRate: ExpressibleByArgument {
  let bitsPerSecond: Double

  init?(argument: String) {
    let units: [(String, Double)] = [("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("", 1)]
    guard let (suffix, scale) = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(suffix.count)), number * scale >= 1, number * scale < 1e15
    else { return nil }
    bitsPerSecond = number * scale
  }
}

/// A list on the command line: `64,512,1400`.
struct SizeList: ExpressibleByArgument {
  let sizes: [Int]

  /// Octets of a frame that hold a UDP datagram in IPv4, and those of a jumbo frame.
  private static let range = 64...9000

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let sizes = words.compactMap { Int($0) }
    guard !sizes.isEmpty, sizes.count == words.count, sizes.count <= 16, sizes.allSatisfy(Self.range.contains)
    else { return nil }
    self.sizes = sizes
  }

  init(_ sizes: [Int]) { self.sizes = sizes }
}

/// Kinds of load on the command line: `tcp,latency`.
struct LoadList: ExpressibleByArgument {
  let kinds: [LoadKind]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    kinds = words.compactMap { LoadKind(rawValue: String($0)) }
    if kinds.count != words.count { return nil }
  }
}
