import TraceModel

/// Curves over a common axis.
struct LineChart {
  struct Curve {
    var name: String
    /// Which color.
    var series: Int
    var points: [(x: Double, y: Double)]
    /// Dots instead of a line.
    var isDotted = false
  }

  var title: String
  var xTitle: String
  var xScale: Axis.Scale
  var yUnit: Metric.Unit
  var curves: [Curve]

  private static let width = 920.0
  private static let height = 300.0

  var markup: Markup {
    var drawing = Drawing(width: Self.width, height: Self.height, label: title)
    let points = curves.flatMap(\.points)
    let x = Axis(xScale, points.map(\.x), start: 80, end: Self.width - 40)
    let y = Axis(.logarithmic, points.map(\.y), start: Self.height - 46, end: 34)
    for tick in y.ticks {
      drawing.line(x.start, y.position(tick), x.end, y.position(tick), "grid")
      drawing.text(Quantity.value(tick, yUnit), x.start - 8, y.position(tick) + 4, "tick", anchor: "end")
    }
    for tick in x.ticks {
      drawing.line(x.position(tick), y.start, x.position(tick), y.end, "grid")
      drawing.text(
        xScale == .percentile ? percentile(tick) : Quantity.decimal(tick), x.position(tick), y.start + 16,
        "tick", anchor: "middle")
    }
    drawing.text(xTitle, (x.start + x.end) / 2, Self.height - 8, "tick", anchor: "middle")
    for curve in curves {
      let placed = curve.points.map { (x: x.position($0.x), y: y.position($0.y)) }
      let color = Drawing.color(curve.series)
      if curve.isDotted {
        for (point, place) in zip(curve.points, placed) {
          drawing.dot(
            place.x, place.y, radius: 2.2, "mark dot \(color)",
            tip: "\(curve.name): \(Quantity.value(point.y, yUnit))")
        }
      } else {
        drawing.path(placed, "mark curve \(color)", tip: curve.name)
      }
    }
    legend(&drawing, x.start)
    return drawing.markup
  }

  private func legend(_ drawing: inout Drawing, _ start: Double) {
    var place = start
    var named: Set<String> = []
    for curve in curves where named.insert(curve.name).inserted {
      drawing.rectangle(place, 10, 14, 10, "key \(Drawing.color(curve.series))", tip: curve.name)
      drawing.text(curve.name, place + 20, 19, "tick")
      place += 40 + Double(curve.name.count) * 7
    }
  }

  /// `50 %`, `99.9 %`.
  private func percentile(_ value: Double) -> String {
    let nines =
      value > 99
      ? String(repeating: "9", count: value > 99.999 ? 4 : value > 99.99 ? 3 : value > 99.9 ? 2 : 1) : ""
    return nines.isEmpty ? "\(Int(value)) %" : "99.\(nines) %"
  }
}
