/// A table of numbers on standard output.
struct TextColumns {
  private var rows: [[String]]

  init(_ heading: [String]) { rows = [heading] }

  mutating func append(_ cells: [String]) { rows.append(cells) }

  /// The first column to the left, the others to the right.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let gap = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + gap : gap + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n") + "\n"
  }
}

extension Spread {
  /// The median, and in brackets minimum and maximum.
  func text(_ digits: Int) -> String {
    "\(Self.rounded(median, digits)) (\(Self.rounded(minimum, digits))-\(Self.rounded(maximum, digits)))"
  }

  private static func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return "\((value * scale).rounded() / scale)"
  }
}
