import Histogram
import Testing
import TraceModel

/// The histogram beside the HdrHistogram package's, which is made by others after the same paper.
@Suite struct LatencyHistogramTests {
  /// Times as they come: most short, few very long.
  private static func times(_ count: Int, seed: UInt64) -> [UInt64] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let magnitude = state >> 33 % 34
      return (state >> 11) & (1 << magnitude - 1)
    }
  }

  @Test(arguments: [1, 2, 10, 1000, 50_000]) func agreesWithHdrHistogram(_ count: Int) {
    var own = LatencyHistogram()
    var other = Histogram<UInt64>(
      highestTrackableValue: 1 << 40, numberOfSignificantValueDigits: .three)
    for time in Self.times(count, seed: UInt64(count)) {
      own.record(time)
      other.record(time)
    }
    #expect(own.total == other.totalCount)
    for percentile in [0.1, 25, 50, 90, 99, 99.9, 99.99, 100] {
      let (value, expected) = (own.value(atPercentile: percentile), other.valueAtPercentile(percentile))
      #expect(
        abs(Double(value) - Double(expected)) <= Double(expected) / 1000 + 1,
        "\(percentile) %: \(value), not \(expected)")
    }
    #expect(abs(own.mean - other.mean) <= other.mean / 1000)
  }

  @Test func isTheSameInOnePieceAsInTwo() {
    let times = Self.times(1000, seed: 7)
    var whole = LatencyHistogram()
    var (first, second) = (LatencyHistogram(), LatencyHistogram())
    for (index, time) in times.enumerated() {
      whole.record(time)
      if index < 300 { first.record(time) } else { second.record(time) }
    }
    first.add(second)
    #expect(first.total == whole.total)
    #expect(first.minimum == whole.minimum && first.maximum == whole.maximum)
    for percentile in [1.0, 50, 99, 100] {
      #expect(first.value(atPercentile: percentile) == whole.value(atPercentile: percentile))
    }
  }

  @Test func theLargestValueThereIsAndNoneDoNotTrap() {
    var histogram = LatencyHistogram()
    #expect(histogram.value(atPercentile: 50) == 0 && histogram.distribution.isEmpty)
    histogram.record(.max)
    #expect(histogram.value(atPercentile: 50) == .max)
  }

  @Test func theDistributionRisesToTheLongest() {
    var histogram = LatencyHistogram()
    for time in Self.times(10_000, seed: 3) { histogram.record(time) }
    let points = histogram.distribution
    #expect(points.first?.percentile == 0 && points.last?.percentile == 100)
    #expect(points.last?.value == histogram.maximum)
    for (point, next) in zip(points, points.dropFirst()) {
      #expect(point.percentile < next.percentile && point.value <= next.value)
    }
  }
}
