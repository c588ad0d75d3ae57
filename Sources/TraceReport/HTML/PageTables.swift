import TraceModel

/// Tables of pages.
enum PageTables {
  /// Every number, with its rounds.
  static func metrics(_ paths: [MeasuredPath]) -> Markup {
    let areSeveral = paths.count > 1
    return table(
      (areSeveral ? ["path"] : []) + ["metric", "median", "min", "max", "rounds"],
      paths.flatMap { path in
        path.metrics.compactMap { metric in
          metric.spread.map { spread in
            (areSeveral ? [path.name] : []) + [
              metric.title, Quantity.value(spread.median, metric.unit),
              Quantity.value(spread.minimum, metric.unit), Quantity.value(spread.maximum, metric.unit),
              "\(spread.rounds)",
            ]
          }
        }
      })
  }

  static func interfaces(_ interfaces: [MeasuredInterface]) -> Markup {
    table(
      ["interface", "kind", "MTU", "offloads", "others' programs"],
      interfaces.map {
        [
          $0.label, $0.kind, "\($0.mtu)", $0.offloads.joined(separator: " "),
          $0.programs.joined(separator: ", "),
        ]
      })
  }

  private static func table(_ titles: [String], _ rows: [[String]]) -> Markup {
    .element(
      "table", [:],
      [
        .element("thead", [:], [.element("tr", [:], titles.map { .element("th", [:], [Markup($0)]) })]),
        .element(
          "tbody", [:],
          rows.map { row in .element("tr", [:], row.map { .element("td", [:], [Markup($0)]) }) }),
      ])
  }
}
