/// Two saved measurements of a kind, the later one beside the earlier: `macvtrace.difference/1`.
public struct RunDifference: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.difference/1"

  /// What became of a metric.
  public enum Verdict: String, Codable, Sendable {
    /// Every round of the second run is better than every round of the first, by more than the rounds differ.
    case better
    /// Every round of the second run is worse than every round of the first, by more than the rounds differ.
    case worse
    /// The rounds of the two overlap, or nearly do.
    case withinNoise = "within_noise"
    /// Fewer than three rounds of one: its noise is not known.
    case tooFewRounds = "too_few_rounds"
  }

  /// A metric of both runs.
  public struct Row: Hashable, Codable, Sendable {
    /// The path, where the runs have several.
    public var path: String
    /// Its key, as `Metric` has it.
    public var metric: String
    /// What it is called for people.
    public var title: String
    /// In what it is told.
    public var unit: Metric.Unit
    /// What the rounds of the first run gave.
    public var before: Spread
    /// What the rounds of the second run gave.
    public var after: Spread
    /// What became of it.
    public var verdict: Verdict
  }

  /// `macvtrace.difference/1`.
  public var schema: String
  /// Every metric that both runs have.
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

  /// Compares two runs; `nil` where they are not of one kind.
  public init?(from before: SavedRun, to after: SavedRun) {
    switch (before, after) {
    case (.measurement(let first), .measurement(let second)):
      var circumstances = Self.circumstances(
        first.host, second.host, first.environment, second.environment, first.options, second.options)
      if (first.from, first.to) != (second.from, second.to) {
        circumstances.append("stations: \(first.from) to \(first.to), then \(second.from) to \(second.to)")
      }
      self.init([first.path], [second.path], circumstances: circumstances)
    case (.comparison(let first), .comparison(let second)) where first.subject == second.subject:
      self.init(
        first.paths, second.paths,
        circumstances: Self.circumstances(
          first.host, second.host, first.environment, second.environment, first.options, second.options))
    default: return nil
    }
  }

  private static func circumstances(
    _ host: HostInformation, _ otherHost: HostInformation, _ first: MeasuredEnvironment,
    _ second: MeasuredEnvironment, _ options: MeasurementOptions, _ otherOptions: MeasurementOptions
  ) -> [String] {
    let values = [
      ("machine", host.name, otherHost.name), ("kernel", host.kernel, otherHost.kernel),
      ("processor", first.processor, second.processor), ("CPUs", "\(first.cpus)", "\(second.cpus)"),
      ("seconds of a load", "\(options.seconds)", "\(otherOptions.seconds)"),
      (
        "offered rate", options.bitsPerSecond.map { "\($0) bit/s" } ?? "all that fits",
        otherOptions.bitsPerSecond.map { "\($0) bit/s" } ?? "all that fits"
      ),
    ]
    var circumstances = values.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1), then \($0.2)" }
    let others = Dictionary(second.interfaces.map { ($0.label, $0) }) { first, _ in first }
    for interface in first.interfaces {
      guard let other = others[interface.label] else { continue }
      if interface.mtu != other.mtu {
        circumstances.append("MTU of \(interface.label): \(interface.mtu), then \(other.mtu)")
      }
      if interface.offloads != other.offloads {
        circumstances.append(
          "offloads of \(interface.label): \(interface.offloads.joined(separator: " ")), then "
            + other.offloads.joined(separator: " "))
      }
      if interface.programs != other.programs {
        circumstances.append(
          "others' programs at \(interface.label): \(interface.programs.count), then \(other.programs.count)")
      }
    }
    return circumstances
  }

  static func verdict(_ before: Spread, _ after: Spread, isMoreBetter: Bool) -> Verdict {
    guard min(before.rounds, after.rounds) >= fewestRounds else { return .tooFewRounds }
    guard before.isApart(from: after) else { return .withinNoise }
    return (after.minimum > before.maximum) == isMoreBetter ? .better : .worse
  }
}
