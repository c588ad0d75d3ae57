import TraceModel

/// Round trips by when they began.
struct LatencyTimeline {
  private let width: Double
  private var slices: [LatencyHistogram]

  init(seconds: Double, slices: Int) {
    width = seconds / Double(slices)
    self.slices = [LatencyHistogram](repeating: LatencyHistogram(), count: slices)
  }

  /// - Parameters:
  ///   - time: in nanoseconds.
  ///   - second: when it began, from the first on.
  mutating func record(_ time: UInt64, at second: Double) {
    slices[min(max(Int(second / width), 0), slices.count - 1)].record(time)
  }

  /// Those slices in which something was measured.
  var points: [LatencyResult.Slice] {
    slices.enumerated().compactMap { index, slice in
      slice.total == 0
        ? nil
        : LatencyResult.Slice(
          start: Double(index) * width, median: Double(slice.value(atPercentile: 50)) / 1000,
          maximum: Double(slice.maximum) / 1000)
    }
  }
}
