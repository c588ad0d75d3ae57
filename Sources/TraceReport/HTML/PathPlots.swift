import TraceModel

/// The plots of one path.
enum PathPlots {
  static func throughput(_ path: MeasuredPath) -> [Markup] {
    let rows = path.metrics.filter { $0.unit == .bitsPerSecond }.compactMap { metric -> BarChart.Row? in
      let loss = path.metric(metric.key + "_loss")?.spread
      return metric.spread.map {
        BarChart.Row(
          label: metric.title, spread: $0, series: metric.key.hasPrefix("udp") ? 1 : 0,
          remark: loss.map { Quantity.percent($0.median) + " lost" } ?? "")
      }
    }
    return plot("Throughput", BarChart(title: "Throughput", unit: .bitsPerSecond, rows: rows))
  }

  static func frames(_ path: MeasuredPath) -> [Markup] {
    let rates = path.metrics.filter { $0.unit == .framesPerSecond }
    let rows = rates.compactMap { metric in
      metric.spread.map {
        BarChart.Row(label: metric.title, spread: $0, series: metric.key.hasSuffix("loss_free") ? 2 : 0)
      }
    }
    let costs = path.metrics.filter { $0.unit == .nanoseconds }.compactMap { metric in
      metric.spread.map { BarChart.Row(label: metric.title, spread: $0, series: 3) }
    }
    return plot("Frames per second", BarChart(title: "Frames per second", unit: .framesPerSecond, rows: rows))
      + plot("CPU a frame", BarChart(title: "CPU a frame", unit: .nanoseconds, rows: costs))
  }

  static func hops(_ path: MeasuredPath) -> [Markup] {
    // The range from the fastest to 99 percent: the slowest one would hide the rest.
    let rows = path.hops.compactMap { hop -> BarChart.Row? in
      guard var spread = Spread([hop.time.minimum, hop.time.p99]) else { return nil }
      spread.median = hop.time.p50
      return BarChart.Row(
        label: "\(hop.from) → \(hop.to)", spread: spread, series: hop.direction == .forward ? 0 : 1,
        remark: hop.direction == .forward ? "A → B" : "B → A")
    }
    return plot(
      "Hook by hook: p50, and the range to p99",
      BarChart(title: "Latency hook by hook", unit: .microseconds, rows: rows))
  }

  /// Percentiles of round trips: a curve for each round, so that the noise is seen.
  static func percentiles(_ paths: [MeasuredPath]) -> [Markup] {
    LatencyResult.Condition.allCases.flatMap { condition -> [Markup] in
      let curves = paths.enumerated().flatMap { number, path in
        path.rounds.flatMap(\.latency).filter { $0.condition == condition }.map { result in
          LineChart.Curve(
            name: path.name, series: number,
            points: result.distribution.map { ($0.percentile, $0.value) })
        }
      }
      let title = "Round trips, \(condition == .idle ? "idle" : "under load"): percentiles"
      return plot(
        title,
        LineChart(
          title: title, xTitle: "percentile", xScale: .percentile, yUnit: .microseconds, curves: curves))
    }
  }

  /// Round trips from the first on, round by round.
  static func overTime(_ path: MeasuredPath) -> [Markup] {
    LatencyResult.Condition.allCases.flatMap { condition -> [Markup] in
      var start = 0.0
      var curves: [LineChart.Curve] = []
      for result in path.rounds.flatMap(\.latency) where result.condition == condition {
        curves.append(
          LineChart.Curve(
            name: "median", series: 0, points: result.timeline.map { (start + $0.start, $0.median) }))
        curves.append(
          LineChart.Curve(
            name: "longest", series: 1, points: result.timeline.map { (start + $0.start, $0.maximum) },
            isDotted: true))
        start += result.seconds
      }
      let title = "Round trips, \(condition == .idle ? "idle" : "under load"): over time"
      return plot(
        title,
        LineChart(
          title: title, xTitle: "seconds, the rounds one after the other", xScale: .linear,
          yUnit: .microseconds, curves: curves))
    }
  }

  static func plot(_ title: String, _ chart: BarChart) -> [Markup] {
    chart.rows.isEmpty ? [] : [MeasurementPage.heading(title), chart.markup]
  }

  private static func plot(_ title: String, _ chart: LineChart) -> [Markup] {
    chart.curves.allSatisfy(\.points.isEmpty) ? [] : [MeasurementPage.heading(title), chart.markup]
  }
}
