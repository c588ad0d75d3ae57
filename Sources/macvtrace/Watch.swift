import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceModel
import TraceReport

/// The time between attaching and detaching: follows changes, shows what is seen.
struct Watch {
  /// What is shown meanwhile.
  enum View { case none, table, lines }

  let session: CaptureSession
  let live: LiveTopology
  let start: Instant
  let view: View

  private var redraw = TerminalRedraw()
  private var plain = LivePlain()
  private var lastSnapshot: LiveSnapshot?
  /// When the last of the session's changes that were looked at happened.
  private var told: UInt64 = 0

  init(
    session: CaptureSession, live: LiveTopology, start: Instant, view: View
  ) {
    self.session = session
    self.live = live
    self.start = start
    self.view = view
  }

  /// Between two pictures.
  private static let second: UInt64 = 1_000_000_000

  mutating func run(until end: UInt64?) throws {
    var nextPicture = start.monotonic
    while true {
      let now = Instant.now().monotonic
      if let end, now >= end { return finish() }
      if StopSignal.take() != nil { return finish() }
      let left = end.map { Int32(clamping: ($0 - now) / 1_000_000 + 1) } ?? 100
      _ = session.check()
      follow(try live.follow(timeout: min(100, left)))
      if view != .none, now >= nextPicture {
        // Nobody is left to watch.
        if try !show(now) { return finish() }
        nextPicture = now + Self.second
      }
    }
  }

  private mutating func follow(_ news: LiveTopology.News) {
    switch news {
    case .none: break
    case .changed: session.update(live.topology)
    case .parentGone: session.lostParent()
    case .parentReturned: session.foundParent(live.topology)
    }
    tell()
  }

  /// Says on standard error what nobody can see in the report until it ends.
  private mutating func tell() {
    let news = session.changes.reversed().prefix { $0.time > told }.reversed()
    for change in news where [.parentGone, .parentReturned, .programRemoved].contains(change.kind) {
      if view == .table { _ = try? Console.print(redraw.clear(columns: Console.size.columns)) }
      Console.complain(change.text)
    }
    told = news.last?.time ?? told
  }

  private mutating func finish() {
    if view == .table { _ = try? Console.print(redraw.clear(columns: Console.size.columns)) }
  }

  /// Returns false when the reader has gone away.
  private mutating func show(_ now: UInt64) throws -> Bool {
    var observation = Observation(
      tool: Tool.information("attach"), host: HostInformation(name: "", kernel: ""),
      window: ObservationWindow(
        start: start.timestamp, end: "", seconds: Double(now - start.monotonic) / 1e9,
        monotonicStart: start.monotonic, monotonicEnd: now), before: live.topology, after: live.topology)
    session.fill(&observation)
    let snapshot = LiveSnapshot(
      elapsed: observation.window.seconds, topology: live.topology, counters: observation.counters,
      findings: Diagnosis.evaluate(observation).findings, loss: observation.loss,
      changes: observation.changes)
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
