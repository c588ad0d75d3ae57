import TraceModel

/// Runs that are made up.
enum SampleRuns {
  /// A path whose rounds gave these TCP rates, in bit/s.
  static func path(_ name: String, _ rates: [Double]) -> MeasuredPath {
    var path = MeasuredPath(name)
    path.rounds = rates.map { rate in
      var round = MeasuredRound()
      round.throughput = [ThroughputResult(.tcp, .forward, seconds: 1, bitsPerSecond: rate)]
      return round
    }
    return path
  }

  static func comparison(_ paths: [MeasuredPath]) -> Comparison {
    Comparison(
      .ways, tool: ToolInformation(version: "0", command: "measure"),
      host: HostInformation(name: "host", kernel: "6.18"),
      window: ObservationWindow(start: "", end: "", seconds: 1),
      options: MeasurementOptions(seconds: 1, rounds: 3, sizes: [64]),
      environment: MeasuredEnvironment(processor: "CPU", cpus: 2, load: 0), baseline: "macvlan", paths: paths,
      isComplete: true, notes: [])
  }
}
