/// What the rounds of a measurement gave: never one number alone.
public struct Spread: Hashable, Codable, Sendable {
  /// The least.
  public var minimum: Double
  /// The middle one; of an even number the mean of the two in the middle.
  public var median: Double
  /// The most.
  public var maximum: Double
  /// How many rounds there were.
  public var rounds: Int

  private enum CodingKeys: String, CodingKey {
    case minimum = "min"
    case median
    case maximum = "max"
    case rounds
  }

  /// - Parameter values: one for each round; `nil` for none, and where one is not finite.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last, values.allSatisfy(\.isFinite) else { return nil }
    let middle = sorted.count / 2
    minimum = first
    maximum = last
    median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    rounds = sorted.count
  }

  /// From the least to the most.
  public var range: Double { maximum - minimum }

  /// Whether the two differ by more than their rounds do: no value of one is within those of the other, and the medians
  /// are further apart than the rounds of either are from one another.
  ///
  /// The first alone happens once in ten times to two threes of rounds that differ in nothing.
  public func isApart(from other: Spread) -> Bool {
    (minimum > other.maximum || maximum < other.minimum)
      && abs(median - other.median) > max(range, other.range)
  }
}
