/// How alike words are, for who mistyped one.
enum Similarity {
  /// Of the words the few that are nearest, the nearest first.
  static func nearest(to word: String, among words: [String], limit: Int = 3) -> [String] {
    let measured = words.enumerated().map { (distance(word, $0.element), $0.offset, $0.element) }
    return measured.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(limit).map(\.2)
  }

  /// How many letters must be put in, taken out or changed (Levenshtein, 1966); what one word begins the other with is
  /// near, however much follows.
  static func distance(_ one: String, _ other: String) -> Int {
    let (first, second) = (Array(one.utf8.prefix(64)), Array(other.utf8))
    if !first.isEmpty, second.starts(with: first) { return 1 }
    var row = Array(0...second.count)
    for (index, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, candidate) in second.enumerated() {
        let cost = min(row[column] + 1, row[column + 1] + 1, diagonal + (letter == candidate ? 0 : 1))
        diagonal = row[column + 1]
        row[column + 1] = cost
      }
    }
    return row[second.count]
  }
}
