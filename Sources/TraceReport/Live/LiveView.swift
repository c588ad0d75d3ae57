import TraceModel

/// The live table: what each interface carries now, and what was found so far.
public struct LiveView: Sendable {
  private let now: LiveSnapshot
  private let before: LiveSnapshot?

  /// Compares a snapshot with the one before it; without one there are no rates yet.
  public init(_ now: LiveSnapshot, since before: LiveSnapshot? = nil) {
    self.now = now
    self.before = before
  }

  /// Renders one picture of at most `height` lines; each fits the style's width and has no line feed.
  ///
  /// Where not all interfaces fit, the busiest are shown, in their own order. Findings come before them.
  public func lines(style: TextStyle, height: Int = .max) -> [String] {
    render(width: style.width, height: max(height, 1)).map { $0.clipped(to: style.width).text(style) }
  }

  private func render(width: Int, height: Int) -> [TextLine] {
    let head = [header(width: width), TextLine()]
    var notices = now.removals + now.findings.map(FindingText.line)
    if let loss = CoverageText.summary(of: now.loss) { notices.append(loss) }
    if notices.isEmpty { notices.append(TextLine("no problem found so far", .dim)) }
    let blocks = LiveRows(now, since: before).blocks(width: width)
    // The heading, a blank line and the table's own heading; a blank line before the notices.
    let room = height - head.count - 1
    let noticed = cut(notices, to: max(room / 2, 1), noun: "finding")
    let table = fit(blocks.rows, to: room - noticed.count - 1)
    return Array((head + [blocks.heading] + table + [TextLine()] + noticed).prefix(height))
  }

  private func header(width: Int) -> TextLine {
    var line = TextLine(now.topology.parentInterface?.name ?? "(parent gone)", .strong)
    line.append("  \(now.clock)  ")
    line.append(Quantity.count(UInt64(now.topology.interfaces.count), "interface"), .dim)
    let hint = "Ctrl-C ends and prints the report"
    if line.width + 2 + hint.count <= width {
      line.pad(to: min(width, TextStyle.defaultWidth) - hint.count)
      line.append(hint, .dim)
    }
    return line
  }

  private func cut(_ lines: [TextLine], to room: Int, noun: String) -> [TextLine] {
    guard lines.count > room else { return lines }
    let hidden = UInt64(lines.count - max(room - 1, 0))
    return lines.prefix(max(room - 1, 0)) + [TextLine("… \(Quantity.count(hidden, "more \(noun)"))", .dim)]
  }

  /// The rows that fit, chosen by how much they carry, in the order of the topology.
  private func fit(_ rows: [LiveRows.Block], to room: Int) -> [TextLine] {
    let total = rows.reduce(0) { $0 + $1.lines.count }
    guard total > room else { return rows.flatMap(\.lines) }
    var left = room - 1
    var shown: Set<Int> = []
    for (index, row) in rows.enumerated().sorted(by: { $0.element.weight > $1.element.weight }) {
      guard row.lines.count <= left else { continue }
      left -= row.lines.count
      shown.insert(index)
    }
    let hidden = Quantity.count(UInt64(rows.count - shown.count), "more interface")
    return rows.indices.filter(shown.contains).flatMap { rows[$0].lines } + [TextLine("… \(hidden)", .dim)]
  }
}
