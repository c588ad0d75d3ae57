/// A value as a length, for text.
enum Bar {
  /// - Parameters:
  ///   - share: of the longest one, from 0 to 1; what is more than nothing has a column.
  ///   - width: the columns of the longest one.
  static func line(_ share: Double, width: Int = 20) -> TextLine {
    guard share.isFinite, share > 0 else { return TextLine() }
    let count = min(max(Int((min(share, 1) * Double(width)).rounded()), 1), width)
    return TextLine(String(repeating: "█", count: count), .good)
  }
}
