import TraceModel

/// What came, went and was removed, each with its time since the report's window began.
enum ChangeText {
  /// The most that are shown; the JSON report has them all.
  private static let limit = 20

  static func lines(of report: Report, width: Int) -> [TextLine] {
    let left = report.changes.count - Self.limit
    let start = report.window.monotonicStart
    var lines: [TextLine] = []
    if left > 0 { lines.append(TextLine("… \(Quantity.count(UInt64(left), "change")) before these", .dim)) }
    for change in report.changes.suffix(Self.limit) {
      let seconds = Double(change.time - min(change.time, start)) / 1e9
      let ink: Ink = change.kind == .programRemoved || change.kind == .parentGone ? .notice : .dim
      lines += wrap(TextLine("\(Quantity.decimal(seconds)) s  ", ink), change.text, width: width)
    }
    return lines
  }
}
