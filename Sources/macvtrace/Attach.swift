public import ArgumentParser
import NetworkAddresses
public import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceFile
public import TraceModel
import TraceReport

extension Severity: ExpressibleByArgument {}

extension HookMechanism: ExpressibleByArgument {
  /// Reads the name that an option takes; `nil` for anything else.
  public init?(argument: String) {
    switch argument {
    case "tcx": self = .tcx
    case "clsact": self = .clsact
    default: return nil
    }
  }
}

/// `macvtrace attach`: observe, then report.
struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Observe a parent interface and everything on it, then report.",
    discussion: "Runs until Ctrl-C or the end of the duration. Detaches after any kind of exit.")

  @Argument(help: "The parent interface, e.g. ens33.")
  var parent: String
  @Option(help: "How long to observe: 10s, 500ms, 2m. Without it: until Ctrl-C.")
  var duration: TimeSpan?
  @Flag(help: "Print the report as JSON (macvtrace.report/1).")
  var json = false
  @Option(help: "Save what was observed to a file, for `macvtrace report`.")
  var output: String?
  @Option(help: "Exit with status 1 for findings of this severity or above: info, warning, error.")
  var failOn: Severity?
  @Option(help: ArgumentHelp("Octets of the ring buffer, a power of two.", visibility: .hidden))
  var ringSize: UInt32?
  @Option(help: ArgumentHelp("How every hook is attached: tcx or clsact.", visibility: .hidden))
  var mechanism: HookMechanism?
  @Option(help: ArgumentHelp("Counting slots for each CPU, a power of two.", visibility: .hidden))
  var counterSlots: Int?
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp("Whether frames are recorded beside being counted.", visibility: .hidden))
  var sightings = true
  @Option(help: ArgumentHelp("Where sysfs is.", visibility: .hidden))
  var sysfs = HardwareReader.sysfs

  func validate() throws {
    if let ringSize, ringSize < 4096 || ringSize & (ringSize - 1) != 0 {
      throw ValidationError("--ring-size must be a power of two, 4096 or more")
    }
    if let counterSlots, !(16...1 << 24).contains(counterSlots) || counterSlots & (counterSlots - 1) != 0 {
      throw ValidationError("--counter-slots must be a power of two from 16 to \(1 << 24)")
    }
  }

  func run() throws {
    do {
      try observe()
    } catch {
      throw Failure.exitCode(error)
    }
  }

  private func observe() throws {
    StopSignal.hold()
    // Before anything is attached: a file that cannot be written is known at once.
    let file = try output.map { path throws(TraceFileError) in try OutputFile(path) }
    var options = CaptureOptions()
    if let ringSize { options.ringSize = ringSize }
    options.counterSlots = counterSlots
    options.mechanism = mechanism
    options.sightings = sightings
    var observing = try Observing(parent, options: options, sysfs: sysfs)
    defer { observing.session.stop() }
    Console.say("attached to \(parent): \(observing.extent)")

    var watch = Watch(
      session: observing.session, live: observing.live, start: observing.start,
      view: json || file?.isStandardOutput == true ? .none : Console.canRedraw ? .table : .lines)
    try watch.run(until: duration.map { observing.start.monotonic + $0.nanoseconds })
    let observation = observing.finish("attach")
    let isSaved = Observing.save(observation, to: file)
    let result = Diagnosis.evaluate(observation)
    let report = Report(
      of: observation, findings: result.findings, notEvaluated: result.notEvaluated,
      vlanPaths: result.vlanPaths)
    try Console.print(
      json ? JSONReport.render(report) : Array(TextReport.render(report, style: Console.style).utf8))
    if !observing.live.isParentThere {
      Console.complain(
        "\(parent) was deleted or moved away while it was observed (errno 19), and is not back; the report covers "
          + "the time until then")
      throw ExitStatus.failed
    }
    if !isSaved { throw ExitStatus.failed }
    if let failOn, result.findings.contains(where: { $0.severity >= failOn }) { throw ExitStatus.findings }
  }
}
