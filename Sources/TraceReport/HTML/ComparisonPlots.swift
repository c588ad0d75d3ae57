import TraceModel

/// The plots of several paths beside one another.
enum ComparisonPlots {
  /// How each path relates to the baseline.
  static func ratios(_ run: Comparison) -> [Markup] {
    let names = run.paths.map(\.name)
    let keys = ComparisonTables.keys(of: run).map(\.key)
    let metrics = run.paths.first { $0.name == run.baseline }?.metrics ?? []
    let rows = keys.flatMap { key -> [RatioChart.Row] in
      guard let metric = metrics.first(where: { $0.key == key }) else { return [] }
      return run.ratios.filter { $0.metric == key }.map { ratio in
        RatioChart.Row(
          label: "\(ComparisonTables.title(metric)), \(ratio.path)", ratio: ratio.ratio,
          series: names.firstIndex(of: ratio.path) ?? 0, isMoreBetter: ratio.isMoreBetter)
      }
    }
    guard !rows.isEmpty else { return [] }
    let title = "Ratios to \(run.baseline), with the range of the rounds"
    return [
      MeasurementPage.heading(title),
      RatioChart(title: title, baseline: run.baseline, rows: rows).markup,
    ]
  }

  /// What each path gave.
  static func values(_ run: Comparison) -> [Markup] {
    ComparisonTables.keys(of: run).flatMap { key, title -> [Markup] in
      var unit = Metric.Unit.microseconds
      let rows = run.paths.enumerated().compactMap { number, path -> BarChart.Row? in
        guard let metric = path.metric(key), let spread = metric.spread else { return nil }
        unit = metric.unit
        return BarChart.Row(label: path.name, spread: spread, series: number)
      }
      return PathPlots.plot(title, BarChart(title: title, unit: unit, rows: rows))
    }
  }

  /// What our programs take.
  static func programs(_ run: Comparison) -> [Markup] {
    let rows = run.programs.compactMap { program in
      Spread([program.nanosecondsPerRun]).map {
        BarChart.Row(label: program.hooks.joined(separator: ", "), spread: $0, series: 3)
      }
    }
    return PathPlots.plot(
      "What each program takes for a frame",
      BarChart(title: "What each program takes for a frame", unit: .nanoseconds, rows: rows))
  }
}
