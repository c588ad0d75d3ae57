/// Rows under a heading, laid out for a width.
struct TextTable {
  struct Column {
    enum Alignment { case left, right }
    var title: String
    var alignment = Alignment.left
    /// The columns that it may shrink to, its texts cut; `nil` when its texts are needed whole.
    var minimum: Int?

    static func text(_ title: String, minimum: Int? = nil) -> Column {
      Column(title: title, minimum: minimum)
    }
    static func number(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  struct Row {
    var cells: [TextLine]
    /// Whether the row goes on with the one above: its first cell says nothing of its own.
    var continues = false
  }

  var columns: [Column]
  private(set) var rows: [Row] = []

  mutating func append(_ cells: [TextLine], continues: Bool = false) {
    rows.append(Row(cells: cells, continues: continues))
  }

  private static let gap = 2

  /// The heading and the rows side by side, or, where they do not fit, a block of lines for each row.
  ///
  /// Nothing where there are no rows.
  func lines(width: Int) -> [TextLine] {
    guard !rows.isEmpty else { return [] }
    if let widths = fittingWidths(in: width) { return grid(widths) }
    return blocks(width: width)
  }

  private func fittingWidths(in width: Int) -> [Int]? {
    var widths = columns.indices.map { index in
      rows.reduce(Printable.width(columns[index].title)) { max($0, $1.cells[index].width) }
    }
    var excess = widths.reduce(0, +) + (columns.count - 1) * Self.gap - width
    while excess > 0 {
      let shrinkable = columns.indices.filter { index in
        columns[index].minimum.map { $0 < widths[index] } ?? false
      }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { return nil }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func grid(_ widths: [Int]) -> [TextLine] {
    let heading = columns.map { TextLine($0.title, .dim) }
    return ([heading] + rows.map(\.cells)).map { cells in
      var line = TextLine()
      var start = 0
      for (index, cell) in cells.enumerated() {
        let shown = cell.clipped(to: widths[index])
        line.pad(to: columns[index].alignment == .right ? start + widths[index] - shown.width : start)
        line.append(shown)
        start += widths[index] + Self.gap
      }
      return line
    }
  }

  private func blocks(width: Int) -> [TextLine] {
    let labelWidth = columns.dropFirst().map { Printable.width($0.title) }.max() ?? 0
    return rows.flatMap { row in
      zip(columns, row.cells).enumerated().compactMap { index, pair -> TextLine? in
        let (column, cell) = pair
        guard cell.width > 0, index > 0 || !row.continues else { return nil }
        if index == 0 { return cell.clipped(to: width) }
        var line = TextLine("  ")
        line.append(column.title, .dim)
        line.pad(to: 2 + labelWidth + Self.gap)
        line.append(cell)
        return line.clipped(to: width)
      }
    }
  }
}
