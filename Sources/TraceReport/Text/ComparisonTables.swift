import TraceModel

/// The numbers of several paths beside one another.
enum ComparisonTables {
  static func sections(of run: Comparison, _ style: TextStyle) -> [[TextLine]] {
    let width = style.measure - 2
    var sections = keys(of: run).map { key, title in
      section(title, table(run, key).lines(width: width), width: style.width)
    }
    let missing = run.paths.filter { $0.missing != nil }.map {
      TextLine("\($0.name): \($0.missing ?? "")", .notice)
    }
    sections.insert(missing, at: 0)
    sections.append(
      section("What each program takes", programs(run).lines(width: width), width: style.width))
    sections.append(MeasurementText.basis(run.environment, run.notes, style))
    return sections
  }

  /// The metrics that text has room for, in order: all of them are in the JSON form.
  static func keys(of run: Comparison) -> [(key: String, title: String)] {
    let metrics = run.paths.first { $0.name == run.baseline }?.metrics ?? []
    return metrics.filter { metric in
      !metric.key.hasSuffix("_max") && !metric.key.hasSuffix("_p90") && !metric.key.hasSuffix("_jitter")
    }.map { metric in
      (metric.key, title(metric) + (metric.isMoreBetter ? ", more is better" : ", less is better"))
    }
  }

  static func title(_ metric: Metric) -> String {
    metric.title.prefix(1).uppercased() + metric.title.dropFirst()
      + (metric.unit == .framesPerSecond ? " in a second" : "")
  }

  private static func table(_ run: Comparison, _ key: String) -> TextTable {
    var table = TextTable(columns: [
      .text(""), .text(""), .number("median"), .text("min to max"),
      .number("to \(run.baseline)"), .text("min to max"), .text(""),
    ])
    let rows = run.paths.compactMap { path in path.metric(key).map { (path.name, $0) } }
    let most = rows.compactMap { $0.1.spread?.median }.max() ?? 0
    for (name, metric) in rows {
      guard let spread = metric.spread else { continue }
      let ratio = run.ratios.first { $0.path == name && $0.metric == key }?.ratio
      table.append([
        TextLine(name), Bar.line(spread.median / most, width: 14),
        TextLine(Quantity.short(spread.median, metric.unit), .strong),
        TextLine(MeasurementTables.range(spread, metric.unit, isShort: true), .dim),
        TextLine(ratio.map { Quantity.ratio($0.median) + " ×" } ?? "", .strong),
        TextLine(ratio.map { "\(Quantity.ratio($0.minimum)) to \(Quantity.ratio($0.maximum))" } ?? "", .dim),
        verdict(ratio, isMoreBetter: metric.isMoreBetter),
      ])
    }
    return table
  }

  /// Whether the ratio differs from 1 in every round.
  private static func verdict(_ ratio: Spread?, isMoreBetter: Bool) -> TextLine {
    guard let ratio else { return TextLine() }
    guard ratio.rounds >= RunDifference.fewestRounds else { return TextLine("too few rounds", .dim) }
    if ratio.minimum <= 1, ratio.maximum >= 1 { return TextLine("within noise", .dim) }
    return (ratio.minimum > 1) == isMoreBetter ? TextLine("better", .good) : TextLine("worse", .notice)
  }

  private static func programs(_ run: Comparison) -> TextTable {
    guard !run.programs.isEmpty else { return TextTable(columns: []) }
    var table = TextTable(columns: [
      .text("hook", minimum: 16), .text("program"), .text(""), .number("per frame"), .number("frames"),
    ])
    let most = run.programs.map(\.nanosecondsPerRun).max() ?? 0
    for program in run.programs {
      table.append([
        TextLine(program.hooks.joined(separator: ", ")), TextLine(program.program),
        Bar.line(program.nanosecondsPerRun / most),
        TextLine(Quantity.time(program.nanosecondsPerRun), .strong),
        TextLine(Quantity.exact(program.runs)),
      ])
    }
    return table
  }
}
