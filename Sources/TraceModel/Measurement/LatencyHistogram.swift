/// Counts of times in log-linear buckets: within 1/1024 of each value, whatever its size.
///
/// The buckets are those of an HDR histogram with three significant digits (HdrHistogram, G. Tene): 1024 of equal width
/// for each power of two.
public struct LatencyHistogram: Sendable {
  private static let bits: UInt64 = 10

  private var counts: [UInt32] = []
  /// Values that were recorded.
  public private(set) var total: UInt64 = 0
  /// The largest one, exactly; 0 before the first.
  public private(set) var maximum: UInt64 = 0
  /// The smallest one, exactly; 0 before the first.
  public private(set) var minimum: UInt64 = 0
  private var sum = 0.0

  /// Holds nothing.
  public init() {}

  /// The mean; 0 before the first value.
  public var mean: Double { total == 0 ? 0 : sum / Double(total) }

  /// Counts a value.
  public mutating func record(_ value: UInt64) {
    let index = Self.index(value)
    if index >= counts.count {
      counts += [UInt32](repeating: 0, count: index + 1 - counts.count)
    }
    counts[index] &+= 1
    maximum = max(maximum, value)
    minimum = total == 0 ? value : min(minimum, value)
    total += 1
    sum += Double(value)
  }

  /// Takes over what another one counted.
  public mutating func add(_ other: LatencyHistogram) {
    guard other.total > 0 else { return }
    if other.counts.count > counts.count {
      counts += [UInt32](repeating: 0, count: other.counts.count - counts.count)
    }
    for (index, count) in other.counts.enumerated() { counts[index] &+= count }
    minimum = total == 0 ? other.minimum : min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    total += other.total
    sum += other.sum
  }

  /// The value that so many percent do not exceed, as the largest one of its bucket; 0 before the first value.
  public func value(atPercentile percentile: Double) -> UInt64 {
    // 99.9 percent of 1000 are 999, whatever binary fractions make of it.
    let share = min(max(percentile, 0), 100) / 100 * Double(total)
    let wanted = max(UInt64((share * (1 - 1e-12)).rounded(.up)), 1)
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() where count > 0 {
      seen += UInt64(count)
      if seen >= wanted { return min(Self.largest(index), maximum) }
    }
    return maximum
  }

  /// Percentiles nearer and nearer to 100, each half as far from it as the one four before, with their values: what a
  /// plot of a distribution shows.
  public var distribution: [(percentile: Double, value: UInt64)] {
    guard total > 0 else { return [] }
    var points: [(percentile: Double, value: UInt64)] = [(0, minimum)]
    var distance = 100.0
    while distance > 50 / Double(total) {
      for tick in 1...4 {
        let percentile = 100 - distance * (1 - Double(tick) / 8)
        points.append((percentile, value(atPercentile: percentile)))
      }
      distance /= 2
    }
    points.append((100, maximum))
    return points
  }

  private static func index(_ value: UInt64) -> Int {
    guard value >> (bits + 1) > 0 else { return Int(value) }
    let shift = UInt64(63 - value.leadingZeroBitCount) - bits
    return Int(shift << bits + value >> shift)
  }

  private static func largest(_ index: Int) -> UInt64 {
    let index = UInt64(index)
    guard index >> (bits + 1) > 0 else { return index }
    let shift = index >> bits - 1
    let base = (index & (1 << bits - 1)) | 1 << bits
    return (base << shift) | (1 << shift - 1)
  }
}
