/// What macvtrace is to reach, and what was measured of it.
struct Goal: Encodable {
  enum Limit: Encodable {
    case atMost(Double)
    case atLeast(Double)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(text)
    }

    var text: String {
      switch self {
      case .atMost(let value): "<= \(value)"
      case .atLeast(let value): ">= \(value)"
      }
    }

    func allows(_ value: Double) -> Bool {
      switch self {
      case .atMost(let limit): value <= limit
      case .atLeast(let limit): value >= limit
      }
    }
  }

  /// The goal's number.
  let number: Int
  let what: String
  let measured: Spread
  let limit: Limit
  /// Whether the median of the rounds is within the limit.
  let isMet: Bool

  init(_ number: Int, _ what: String, _ measured: Spread, _ limit: Limit) {
    (self.number, self.what, self.measured, self.limit) = (number, what, measured, limit)
    isMet = limit.allows(measured.median)
  }

  static func text(_ goals: [Goal]) -> String {
    var table = TextColumns(["goal", "measured: median (minimum-maximum)", "limit", ""])
    for goal in goals {
      table.append([
        "\(goal.number)  \(goal.what)", goal.measured.text(2), goal.limit.text,
        goal.isMet ? "met" : "NOT MET",
      ])
    }
    return "Goals\n" + table.text
  }
}
