import Testing
import TraceModel
import TraceReport

/// Performance runs whose every name and number comes from a file that anybody may have written.
@Suite("Performance runs") struct MeasurementReportTests {
  private static let name = "<b>\u{1b}[31m&\"'\u{202e}"

  private static func histogram(_ values: [UInt64]) -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for value in values { histogram.record(value) }
    return histogram
  }

  /// A path whose rounds gave these numbers.
  private static func path(_ numbers: [Double]) throws -> MeasuredPath {
    var path = MeasuredPath(name)
    let latency = try #require(
      LatencyResult(
        .idle, histogram([12_000, 13_000, 900_000, .max]), seconds: 1, sent: 5, lost: 1, frameOctets: 64,
        jitter: 3,
        timeline: [LatencyResult.Slice(start: 0, median: 12, maximum: 13)]))
    path.rounds = numbers.map { number in
      var round = MeasuredRound()
      round.throughput = [ThroughputResult(.tcp, .forward, seconds: 1, bitsPerSecond: number)]
      var flood = FrameTrial(wanted: nil, sent: .max, received: 0, seconds: number)
      flood.senderRan = number
      var frames = FrameRateResult(size: .max, flood: flood)
      frames.lossFree = number
      frames.limit = .sender
      frames.cpuNanoseconds = number
      round.frameRates = [frames]
      var result = latency
      result.roundTrip.p50 = number
      result.distribution = [LatencyResult.Quantile(percentile: number, value: number)]
      result.timeline = [LatencyResult.Slice(start: number, median: number, maximum: -number)]
      round.latency = [result, latency]
      return round
    }
    path.hops = try [
      HopLatency(
        from: name, to: name, direction: .forward,
        time: #require(Percentiles(histogram([500, 700]))))
    ]
    return path
  }

  private static func measurement(_ path: MeasuredPath) -> PathMeasurement {
    PathMeasurement(
      tool: ToolInformation(version: "0.1.0", command: "measure"),
      host: HostInformation(name: name, kernel: name),
      window: ObservationWindow(start: name, end: "", seconds: 1),
      options: MeasurementOptions(seconds: 1, rounds: 3, sizes: [64]),
      environment: MeasuredEnvironment(
        processor: name, cpus: .max, load: 1,
        interfaces: [
          MeasuredInterface(label: name, kind: name, mtu: 1500, offloads: [name], programs: [name])
        ]),
      from: name, to: name, path: path, isComplete: false, notes: [name])
  }

  private static func comparison(_ paths: [MeasuredPath]) -> Comparison {
    let run = measurement(paths[0])
    return Comparison(
      .overhead, tool: run.tool, host: run.host, window: run.window, options: run.options,
      environment: run.environment, baseline: paths[0].name,
      paths: paths + [MeasuredPath("x", missing: name)],
      isComplete: false,
      programs: [Comparison.ProgramCost(hooks: [name], program: name, runs: 1, nanosecondsPerRun: 80)],
      notes: [name])
  }

  @Test(arguments: [1, 0, -1e300, 1e308, Double.leastNonzeroMagnitude, -0.0, 1e18])
  func noNumberTrapsAndNoNameIsObeyed(_ number: Double) throws {
    let path = try Self.path([number, 12, 13])
    var other = path
    other.name = "other"
    let runs: [SavedRun] = [
      .measurement(Self.measurement(path)), .comparison(Self.comparison([path, other])),
      .measurement(Self.measurement(MeasuredPath("empty"))),
    ]
    for run in runs {
      let text = MeasurementText.render(run, style: TextStyle(colors: false, width: 80))
      #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
      let page = MeasurementPage.render(run)
      #expect(!page.contains("<b>") && !page.contains("\u{1b}") && !page.contains("\u{202e}"))
      #expect(!page.contains("nan") && !page.contains("=\"inf"), "a drawing has numbers alone")
    }
    let difference = try #require(RunDifference(from: runs[0], to: runs[0]))
    #expect(!MeasurementText.render(difference, style: TextStyle(colors: false)).contains("\u{1b}"))
  }

  @Test func linesAreNoWiderThanTheMedium() throws {
    let run = SavedRun.measurement(Self.measurement(try Self.path([1e9, 2e9, 3e9])))
    for width in [40, 80, 100] {
      let lines = MeasurementText.render(run, style: TextStyle(colors: false, width: width))
        .split(separator: "\n")
      #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
    }
  }

  @Test func aMediumWithoutUnicodeGetsBarsAllTheSame() throws {
    let run = SavedRun.measurement(Self.measurement(try Self.path([1e9])))
    let text = MeasurementText.render(run, style: TextStyle(colors: false, width: 100, unicode: false))
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.contains("TCP A > B  ####################"))
  }
}
