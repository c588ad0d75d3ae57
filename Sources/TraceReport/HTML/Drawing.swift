/// An SVG drawing that is put together from marks; sizes are those of CSS pixels.
struct Drawing {
  let width: Double
  let height: Double
  /// What it shows, for those who cannot see it.
  let label: String
  private var content: [Markup] = []

  init(width: Double, height: Double, label: String) {
    self.width = width
    self.height = height
    self.label = label
  }

  /// The colors of the parts of a plot, by CSS class: `s0` to `s3`.
  static func color(_ index: Int) -> String { "s\(index % 4)" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    content.append(
      .element(
        "line",
        [
          "class": style, "x1": Self.text(x1), "y1": Self.text(y1), "x2": Self.text(x2), "y2": Self.text(y2),
        ]))
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, tip: String
  ) {
    content.append(
      .element(
        "rect",
        [
          "class": style, "x": Self.text(x), "y": Self.text(y), "width": Self.text(max(width, 0.5)),
          "height": Self.text(height), "rx": "2",
        ], [.element("title", [:], [Markup(tip)])]))
  }

  mutating func path(_ points: [(x: Double, y: Double)], _ style: String, tip: String) {
    guard !points.isEmpty else { return }
    let steps = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(Self.text(point.x)) \(Self.text(point.y))"
    }
    content.append(
      .element(
        "path", ["class": style, "d": steps.joined(separator: " ")],
        [.element("title", [:], [Markup(tip)])]))
  }

  mutating func dot(_ x: Double, _ y: Double, radius: Double, _ style: String, tip: String) {
    content.append(
      .element(
        "circle",
        ["class": style, "cx": Self.text(x), "cy": Self.text(y), "r": Self.text(radius)],
        [.element("title", [:], [Markup(tip)])]))
  }

  /// - Parameter anchor: `start`, `middle` or `end` of the text stands at the place.
  mutating func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String = "start") {
    content.append(
      .element(
        "text", ["class": style, "x": Self.text(x), "y": Self.text(y), "text-anchor": anchor], [Markup(text)])
    )
  }

  var markup: Markup {
    .element(
      "svg",
      [
        "viewBox": "0 0 \(Self.text(width)) \(Self.text(height))", "role": "img", "aria-label": label,
        "style": "max-width:\(Self.text(width))px",
      ], content)
  }

  /// With one decimal.
  private static func text(_ value: Double) -> String {
    let tenths = Int64(min(max(value.isFinite ? value * 10 : 0, -1e9), 1e9).rounded())
    let sign = tenths < 0 ? "-" : ""
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
