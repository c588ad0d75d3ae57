import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceModel
import TraceReport

/// The time between attaching and detaching: follows changes, shows what is seen.
struct Watch {
  /// What is shown meanwhile.
  enum View { case none, table, lines }
  /// Why it ended.
  enum Outcome { case timeOver, stopped, parentGone }

  let session: CaptureSession
  let scanner: TopologyScanner
  let monitor: TopologyMonitor
  let start: Instant
  var topology: Topology
  let view: View

  private var redraw = TerminalRedraw()
  private var plain = LivePlain()
  private var lastSnapshot: LiveSnapshot?

  init(
    session: CaptureSession, scanner: TopologyScanner, monitor: TopologyMonitor, start: Instant,
    topology: Topology,
    view: View
  ) {
    self.session = session
    self.scanner = scanner
    self.monitor = monitor
    self.start = start
    self.topology = topology
    self.view = view
  }

  /// Between two pictures, and the longest without a look at the topology.
  private static let second: UInt64 = 1_000_000_000

  mutating func run(until end: UInt64?) throws -> Outcome {
    var nextPicture = start.monotonic
    var nextScan = start.monotonic + 2 * Self.second
    // What changed before the monitor listened is told by nobody.
    var isFirst = true
    while true {
      let now = Instant.now().monotonic
      if let end, now >= end { return finish(.timeOver) }
      if StopSignal.take() != nil { return finish(.stopped) }
      let left = end.map { Int32(clamping: ($0 - now) / 1_000_000 + 1) } ?? 100
      let changes = try monitor.wait(timeout: min(100, left))
      if changes.parentGone { return finish(.parentGone) }
      if isFirst || changes.needsScan || (view != .none && now >= nextScan) {
        // A scan can meet an interface that vanishes under it; the next change brings the next one.
        if let latest = try? scanner.scan() {
          session.update(latest)
          topology = latest
        }
        nextScan = now + 2 * Self.second
        isFirst = false
      }
      if view != .none, now >= nextPicture {
        // Nobody is left to watch.
        if try !show(now) { return finish(.stopped) }
        nextPicture = now + Self.second
      }
    }
  }

  private mutating func finish(_ outcome: Outcome) -> Outcome {
    if view == .table { _ = try? Console.print(redraw.clear(columns: Console.size.columns)) }
    return outcome
  }

  /// Returns false when the reader has gone away.
  private mutating func show(_ now: UInt64) throws -> Bool {
    var observation = Observation(
      tool: Tool.information("attach"), host: HostInformation(name: "", kernel: ""),
      window: ObservationWindow(
        start: start.timestamp, end: "", seconds: Double(now - start.monotonic) / 1e9,
        monotonicStart: start.monotonic, monotonicEnd: now), before: topology, after: topology)
    session.fill(&observation)
    let snapshot = LiveSnapshot(
      elapsed: observation.window.seconds, topology: topology, counters: observation.counters,
      findings: Diagnosis.evaluate(observation).findings, loss: observation.loss)
    defer { lastSnapshot = snapshot }
    switch view {
    case .none: return true
    case .table:
      let size = Console.size
      let lines = LiveView(snapshot, since: lastSnapshot).lines(style: Console.style, height: size.rows - 1)
      return try Console.print(redraw.frame(lines, rows: size.rows, columns: size.columns))
    case .lines:
      let lines = plain.lines(for: snapshot, style: Console.style)
      return try lines.isEmpty || Console.print(lines.map { $0 + "\n" }.joined())
    }
  }
}
