import TraceModel

/// Bars with the range of their rounds.
struct BarChart {
  struct Row {
    var label: String
    var spread: Spread
    /// Which color.
    var series = 0
    /// What else is to be said of it.
    var remark = ""
  }

  var title: String
  var unit: Metric.Unit
  var rows: [Row]

  private static let rowHeight = 26.0
  private static let labelWidth = 300.0
  private static let width = 920.0

  var markup: Markup {
    let height = Double(rows.count) * Self.rowHeight + 34
    var drawing = Drawing(width: Self.width, height: height, label: title)
    let axis = Axis(.linear, rows.map(\.spread.maximum), start: Self.labelWidth, end: Self.width - 170)
    for tick in axis.ticks {
      let x = axis.position(tick)
      drawing.line(x, 4, x, height - 24, "grid")
      drawing.text(Quantity.value(tick, unit), x, height - 8, "tick", anchor: "middle")
    }
    for (index, row) in rows.enumerated() {
      let top = 6 + Double(index) * Self.rowHeight
      let middle = top + 9
      let median = Quantity.value(row.spread.median, unit)
      let range = MeasurementTables.range(row.spread, unit)
      let tip = "\(row.label): \(median)\(range.isEmpty ? "" : " (\(range))")"
      drawing.text(row.label, Self.labelWidth - 10, middle + 4, "label", anchor: "end")
      drawing.rectangle(
        axis.start, top, axis.position(row.spread.median) - axis.start, 18,
        "mark \(Drawing.color(row.series))", tip: tip)
      if row.spread.rounds > 1 {
        let (low, high) = (axis.position(row.spread.minimum), axis.position(row.spread.maximum))
        drawing.line(low, middle, high, middle, "whisker")
        for x in [low, high] { drawing.line(x, middle - 4, x, middle + 4, "whisker") }
      }
      let end = max(axis.position(row.spread.maximum), axis.position(row.spread.median))
      drawing.text("\(median)\(row.remark.isEmpty ? "" : " · \(row.remark)")", end + 8, middle + 4, "value")
    }
    return drawing.markup
  }
}
