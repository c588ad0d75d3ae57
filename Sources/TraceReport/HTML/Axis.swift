import Glibc

/// Where values stand along a line.
struct Axis {
  enum Scale {
    case linear
    case logarithmic
    /// Percentiles: 90, 99, 99.9 as far from one another as from 0.
    case percentile
  }

  let scale: Scale
  let low: Double
  let high: Double
  /// In the units of the drawing.
  let start: Double
  let end: Double

  /// - Parameter values: those that are to be shown; what cannot be on a logarithmic axis does not count.
  init(_ scale: Scale, _ values: [Double], start: Double, end: Double) {
    self.scale = scale
    self.start = start
    self.end = end
    // A saved run may hold any number: what no measurement gives decides nothing.
    let shown = values.filter { abs($0) < 1e18 && (scale != .logarithmic || $0 > 1e-9) }
    let (least, most) = (shown.min() ?? 1, shown.max() ?? 1)
    switch scale {
    case .linear:
      low = 0
      high = most > 0 ? most * 1.02 : 1
    case .logarithmic:
      low = pow(10, log10(least).rounded(.down))
      high = max(pow(10, log10(most).rounded(.up)), low * 10)
    case .percentile:
      low = 0
      // How many nines the last one but 100 has.
      high = max((shown.filter { $0 < 100 }.map(Self.nines).max() ?? 2).rounded(.up), 2)
    }
  }

  /// Where a value stands; at the end that is nearest where it is beyond both.
  func position(_ value: Double) -> Double {
    let share: Double
    switch scale {
    case .linear: share = (value - low) / (high - low)
    case .logarithmic: share = log10(max(value, low) / low) / log10(high / low)
    case .percentile: share = Self.nines(value) / high
    }
    return start + (end - start) * min(max(share.isFinite ? share : 0, 0), 1)
  }

  /// Values at which lines help the eye.
  var ticks: [Double] {
    switch scale {
    case .linear:
      let rough = (high - low) / 5
      let power = pow(10, log10(rough).rounded(.down))
      let step = power * ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10)
      return (0...10).map { Double($0) * step }.filter { $0 <= high }
    case .logarithmic:
      let first = Int(log10(low).rounded())
      let last = Int(log10(high).rounded())
      return (first...max(first, min(last, first + 20))).map { pow(10, Double($0)) }
    case .percentile:
      return [0.0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter { Self.nines($0) <= high + 1e-9 }
    }
  }

  private static func nines(_ percentile: Double) -> Double {
    -log10(max(1 - min(max(percentile, 0), 100) / 100, 1e-7))
  }
}
