import TraceModel

/// Ratios to a baseline: left of the line is less, right of it more.
struct RatioChart {
  struct Row {
    var label: String
    var ratio: Spread
    var series = 0
    var isMoreBetter: Bool
  }

  var title: String
  var baseline: String
  var rows: [Row]

  private static let rowHeight = 22.0
  private static let labelWidth = 330.0
  private static let width = 920.0
  /// The largest ratio that the plot shows, and the inverse of the smallest: what is beyond stands at its end.
  private static let reach = 10.0

  var markup: Markup {
    let height = Double(rows.count) * Self.rowHeight + 44
    var drawing = Drawing(width: Self.width, height: height, label: title)
    let axis = Axis(
      .logarithmic, [1 / Self.reach, Self.reach], start: Self.labelWidth, end: Self.width - 150)
    for tick in [0.1, 0.2, 0.5, 1, 2, 5, 10] {
      let x = axis.position(tick)
      drawing.line(x, 4, x, height - 34, tick == 1 ? "base" : "grid")
      drawing.text("\(Quantity.decimal(tick)) ×", x, height - 20, "tick", anchor: "middle")
    }
    drawing.text(
      "ratio to \(baseline) in the same round", (axis.start + axis.end) / 2, height - 4, "tick",
      anchor: "middle")
    for (index, row) in rows.enumerated() {
      let middle = 16 + Double(index) * Self.rowHeight
      let range = "\(Quantity.ratio(row.ratio.minimum)) to \(Quantity.ratio(row.ratio.maximum))"
      let tip =
        "\(row.label): \(Quantity.ratio(row.ratio.median)) × (\(range)); \(row.isMoreBetter ? "more" : "less") is better"
      drawing.text(row.label, Self.labelWidth - 10, middle + 4, "label", anchor: "end")
      let (low, high) = (axis.position(row.ratio.minimum), axis.position(row.ratio.maximum))
      drawing.line(low, middle, high, middle, "whisker")
      for x in [low, high] { drawing.line(x, middle - 4, x, middle + 4, "whisker") }
      drawing.dot(
        axis.position(row.ratio.median), middle, radius: 5, "mark \(Drawing.color(row.series))", tip: tip)
      drawing.text("\(Quantity.ratio(row.ratio.median)) × (\(range))", Self.width - 142, middle + 4, "value")
    }
    return drawing.markup
  }
}
