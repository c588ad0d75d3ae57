public import TraceModel

/// What is known at one moment of a running observation.
public struct LiveSnapshot: Hashable, Sendable {
  /// Seconds since the observation began.
  public var elapsed: Double
  /// The topology as it is now.
  public var topology: Topology
  /// The exact counters, since the observation began.
  public var counters: [Counter]
  /// What has been found so far, the root cause first.
  public var findings: [Finding]
  /// What could not be recorded so far.
  public var loss: Loss
  /// What came, went and was removed so far, in time order.
  public var changes: [NetworkChange]

  /// Takes a snapshot.
  public init(
    elapsed: Double, topology: Topology, counters: [Counter], findings: [Finding] = [], loss: Loss = Loss(),
    changes: [NetworkChange] = []
  ) {
    self.elapsed = elapsed
    self.topology = topology
    self.counters = counters
    self.findings = findings
    self.loss = loss
    self.changes = changes
  }

  /// What somebody took macvtrace's program from, a line for each.
  var removals: [TextLine] {
    changes.filter { $0.kind == .programRemoved }.map { TextLine("✗ \($0.text)", .bad) }
  }

  /// `00:12`, `1:02:03`.
  var clock: String {
    let seconds = elapsed.isFinite ? Int(min(max(elapsed, 0), 1e9)) : 0
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    let hours = seconds / 3600
    return (hours > 0 ? "\(hours):" : "") + two(seconds / 60 % 60) + ":" + two(seconds % 60)
  }
}
