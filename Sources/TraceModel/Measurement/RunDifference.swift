/// Two saved measurements of a kind, the later one beside the earlier: `macvtrace.difference/1`.
public struct RunDifference: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.difference/1"

  /// What became of a metric.
  public enum Verdict: String, Codable, Sendable {
    /// Every round of the second run is better than every round of the first.
    case better
    /// Every round of the second run is worse than every round of the first.
    case worse
    /// The rounds of the two overlap.
    case withinNoise = "within_noise"
    /// Fewer than three rounds of one: its noise is not known.
    case tooFewRounds = "too_few_rounds"
  }

  /// A metric of both runs.
  public struct Row: Hashable, Codable, Sendable {
    /// The path, where the runs have several.
    public var path: String
    public var metric: String
    public var title: String
    public var unit: Metric.Unit
    public var before: Spread
    public var after: Spread
    public var verdict: Verdict
  }

  public var schema: String
  public var rows: [Row]
  /// What differs between the two besides: kernels, processors, options.
  public var circumstances: [String]

  /// The fewest rounds that say how noisy a metric is.
  public static let fewestRounds = 3

  /// Compares paths of the same name.
  public init(_ before: [MeasuredPath], _ after: [MeasuredPath], circumstances: [String]) {
    schema = Self.schema
    self.circumstances = circumstances
    rows = before.flatMap { path -> [Row] in
      // Two measurements have one path each, whatever its name.
      let other = before.count == 1 && after.count == 1 ? after.first : after.first { $0.name == path.name }
      guard let other else { return [] }
      let later = Dictionary(other.metrics.map { ($0.key, $0) }) { first, _ in first }
      return path.metrics.compactMap { metric in
        guard let first = metric.spread, let second = later[metric.key]?.spread else { return nil }
        return Row(
          path: path.name, metric: metric.key, title: metric.title, unit: metric.unit, before: first,
          after: second, verdict: Self.verdict(first, second, isMoreBetter: metric.isMoreBetter))
      }
    }
  }

  static func verdict(_ before: Spread, _ after: Spread, isMoreBetter: Bool) -> Verdict {
    guard min(before.rounds, after.rounds) >= fewestRounds else { return .tooFewRounds }
    guard before.isApart(from: after) else { return .withinNoise }
    return (after.minimum > before.maximum) == isMoreBetter ? .better : .worse
  }
}
