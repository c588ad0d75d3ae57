/// What a path between two stations delivers and costs: `macvtrace.measurement/1`.
public struct PathMeasurement: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.measurement/1"

  /// A metric, and what its rounds gave.
  public struct Summary: Hashable, Codable, Sendable {
    /// The key of the metric, as `Metric` has it.
    public var metric: String
    /// In what it is told.
    public var unit: Metric.Unit
    /// What its rounds gave.
    public var spread: Spread
  }

  /// `macvtrace.measurement/1`.
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
  /// Who is A.
  public var from: String
  /// Who is B.
  public var to: String
  /// Whether every round ran to its end; not after Ctrl-C.
  public var isComplete: Bool
  /// What was measured.
  public var path: MeasuredPath
  /// What each metric's rounds gave; worked out from `path`.
  public var summary: [Summary]
  /// What could not be measured, and what is to be known of the rest.
  public var notes: [String]

  private enum CodingKeys: String, CodingKey {
    case schema, tool, host, window, options, environment, from, to
    case isComplete = "complete"
    case path, summary, notes
  }

  /// States a measurement.
  public init(
    tool: ToolInformation, host: HostInformation, window: ObservationWindow, options: MeasurementOptions,
    environment: MeasuredEnvironment, from: String, to: String, path: MeasuredPath, isComplete: Bool,
    notes: [String]
  ) {
    schema = Self.schema
    self.tool = tool
    self.host = host
    self.window = window
    self.options = options
    self.environment = environment
    self.from = from
    self.to = to
    self.path = path
    self.isComplete = isComplete
    self.notes = notes
    summary = Self.summary(of: path)
  }

  static func summary(of path: MeasuredPath) -> [Summary] {
    path.metrics.compactMap { metric in
      metric.spread.map { Summary(metric: metric.key, unit: metric.unit, spread: $0) }
    }
  }
}
