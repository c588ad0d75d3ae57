/// Several paths under the same loads, round by round in turn: `macvtrace.comparison/1`.
public struct Comparison: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.comparison/1"

  /// What is compared.
  public enum Subject: String, Codable, Sendable {
    /// Kinds of path: macvlan, bridge, ipvlan, host.
    case ways
    /// One path with and without macvtrace attached.
    case overhead
  }

  /// How a path's metric relates to that of the baseline in the same round.
  public struct Ratio: Hashable, Codable, Sendable {
    /// The name of the path that is compared.
    public var path: String
    /// The key of the metric, as `Metric` has it.
    public var metric: String
    /// In what the values are; the ratio has no unit.
    public var unit: Metric.Unit
    /// Whether more is better.
    public var isMoreBetter: Bool
    /// What the path gave.
    public var value: Spread
    /// The path's value divided by the baseline's, round by round.
    public var ratio: Spread

    private enum CodingKeys: String, CodingKey {
      case path, metric, unit
      case isMoreBetter = "more_is_better"
      case value, ratio
    }
  }

  /// What a program of macvtrace took, by the kernel's own statistics (`run_time_ns` and `run_cnt` of bpf(2)).
  public struct ProgramCost: Hashable, Codable, Sendable {
    /// Where it is attached: `eth0 in bbox1, in`.
    public var hooks: [String]
    /// Its name in the kernel.
    public var program: String
    /// How often it ran: once for each frame.
    public var runs: UInt64
    /// The mean of a run, the clock that the kernel reads for its statistics included.
    public var nanosecondsPerRun: Double

    private enum CodingKeys: String, CodingKey {
      case hooks, program, runs
      case nanosecondsPerRun = "ns_per_run"
    }

    /// States a cost.
    public init(hooks: [String], program: String, runs: UInt64, nanosecondsPerRun: Double) {
      self.hooks = hooks
      self.program = program
      self.runs = runs
      self.nanosecondsPerRun = nanosecondsPerRun
    }
  }

  /// `macvtrace.comparison/1`.
  public var schema: String
  /// Which macvtrace measured.
  public var tool: ToolInformation
  /// The machine on which was measured.
  public var host: HostInformation
  /// When.
  public var window: ObservationWindow
  /// What was asked for.
  public var options: MeasurementOptions
  /// What the machine and the interfaces are.
  public var environment: MeasuredEnvironment
  /// What is compared.
  public var subject: Subject
  /// The name of the path that the ratios are to.
  public var baseline: String
  /// Whether every round ran to its end and nothing failed.
  public var isComplete: Bool
  /// The paths, those that could not be measured last.
  public var paths: [MeasuredPath]
  /// What each path gave, in relation to the baseline; worked out from `paths`.
  public var ratios: [Ratio]
  /// What our own programs take; empty where nothing was attached.
  public var programs: [ProgramCost]
  /// What could not be measured, and what is to be known of the rest.
  public var notes: [String]

  private enum CodingKeys: String, CodingKey {
    case schema, tool, host, window, options, environment, subject, baseline
    case isComplete = "complete"
    case paths, ratios, programs, notes
  }

  /// States a comparison; its ratios follow from its paths.
  public init(
    _ subject: Subject, tool: ToolInformation, host: HostInformation, window: ObservationWindow,
    options: MeasurementOptions, environment: MeasuredEnvironment, baseline: String, paths: [MeasuredPath],
    isComplete: Bool, programs: [ProgramCost] = [], notes: [String]
  ) {
    schema = Self.schema
    self.tool = tool
    self.host = host
    self.window = window
    self.options = options
    self.environment = environment
    self.subject = subject
    self.baseline = baseline
    self.isComplete = isComplete
    self.paths = paths
    self.programs = programs
    self.notes = notes
    ratios = Self.ratios(paths, to: baseline)
  }

  /// Ratios within the same rounds alone: what drifts from round to round falls out.
  static func ratios(_ paths: [MeasuredPath], to baseline: String) -> [Ratio] {
    guard let base = paths.first(where: { $0.name == baseline }) else { return [] }
    let bases = Dictionary(base.metrics.map { ($0.key, $0) }) { first, _ in first }
    return paths.filter { $0.name != baseline }.flatMap { path in
      path.metrics.compactMap { metric -> Ratio? in
        guard let other = bases[metric.key], let value = metric.spread else { return nil }
        let ratios = metric.values.compactMap { round, value -> Double? in
          guard let divisor = other.values[round], divisor > 0 else { return nil }
          return value / divisor
        }
        return Spread(ratios).map {
          Ratio(
            path: path.name, metric: metric.key, unit: metric.unit, isMoreBetter: metric.isMoreBetter,
            value: value, ratio: $0)
        }
      }
    }
  }
}
