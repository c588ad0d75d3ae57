public import TraceModel

extension MeasurementText {
  /// Renders what became of a path between two runs.
  public static func render(_ difference: RunDifference, style: TextStyle) -> String {
    let changed = difference.rows.filter { $0.verdict == .better || $0.verdict == .worse }
    let few = difference.rows.count { $0.verdict == .tooFewRounds }
    var verdict =
      changed.isEmpty
      ? "Nothing changed by more than the noise of the rounds"
      : "\(changed.count) of \(difference.rows.count) metrics changed by more than the noise of the rounds"
    if difference.rows.isEmpty { verdict = "The two runs have no metric in common" }
    if few > 0 {
      verdict += "; \(few) have fewer than \(RunDifference.fewestRounds) rounds, whose noise is not known"
    }
    let width = style.measure - 2
    let circumstances = difference.circumstances.flatMap {
      wrap(TextLine("· ", .dim), $0, width: width)
    }
    return [
      wrap(verdict, width: style.measure, ink: .strong),
      section("Changed", table(changed, withRanges: true).lines(width: width), width: style.width),
      section(
        "Within noise, or not known",
        table(difference.rows.filter { !changed.contains($0) }, withRanges: false).lines(width: width),
        width: style.width),
      section("What else differs", circumstances, width: style.width),
    ].filter { !$0.isEmpty }.joined(separator: [TextLine()]).map(\.self).text(style)
  }

  /// - Parameter withRanges: the ranges of the rounds instead of their medians.
  private static func table(_ rows: [RunDifference.Row], withRanges: Bool) -> TextTable {
    let areSeveral = Set(rows.map(\.path)).count > 1
    let suffix = withRanges ? ", min to max" : ""
    var table = TextTable(columns: [
      .text("metric", minimum: 16), .number("before" + suffix), .number("after" + suffix), .number("ratio"),
      .text(""),
    ])
    for row in rows {
      let (text, ink): (String, Ink) =
        switch row.verdict {
        case .better: ("better", .good)
        case .worse: ("worse", .bad)
        case .withinNoise: ("within noise", .dim)
        case .tooFewRounds: ("too few rounds", .dim)
        }
      let cell = { (spread: Spread) in
        TextLine(
          withRanges
            ? MeasurementTables.range(spread, row.unit) : Quantity.value(spread.median, row.unit))
      }
      let ratio = row.before.median > 0 ? Quantity.ratio(row.after.median / row.before.median) : "–"
      table.append([
        TextLine(areSeveral ? "\(row.path): \(row.title)" : row.title), cell(row.before), cell(row.after),
        TextLine(ratio), TextLine(text, ink),
      ])
    }
    return table
  }
}
