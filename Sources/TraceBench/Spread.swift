/// What the rounds of a measurement gave.
struct Spread: Encodable {
  let minimum: Double
  let median: Double
  let maximum: Double

  /// - Parameter values: one for each round; at least one.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    minimum = sorted.first ?? .nan
    median = sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    maximum = sorted.last ?? .nan
  }
}
