import ArgumentParser
import TraceDiagnosis
import TraceFile
import TraceModel
import TraceReport

/// `macvtrace report`: saved observations, judged again.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Report on what `--output` saved: observations, of several hosts joined; or runs of `measure`.",
    discussion: """
      Needs no privilege. Of several hosts it also says what was lost between them, and what they share. Of two runs it
      says what changed by more than the noise of their rounds.
      """)

  @Argument(
    help: "Files of `attach --output` and `explain --output`, one for each host; or one or two of `measure`.")
  var files: [String]
  @Flag(help: "Print the report as JSON (macvtrace.report/1; of two runs macvtrace.difference/1).")
  var json = false
  @Option(help: "Write a page with plots of a run to a file.")
  var html: String?
  @Option(help: "Exit with status 1 for findings of this severity or above: info, warning, error.")
  var failOn: Severity?

  func validate() throws {
    if files.count > Int(UInt16.max) { throw ValidationError("more files than hosts can be numbered") }
  }

  func run() throws {
    StopSignal.ignoreClosedPipes()
    do {
      if files.contains(where: RunReader.isRun) { return try reportRuns() }
      if html != nil { throw ValidationError("--html is for runs of `macvtrace measure`") }
      let observations = try files.map { path throws(TraceFileError) in try ObservationReader.read(path) }
      let findings = try observations.count == 1 ? report(observations[0]) : join(observations)
      if let failOn, findings.contains(where: { $0.severity >= failOn }) { throw ExitStatus.findings }
    } catch {
      throw Failure.exitCode(error)
    }
  }

  /// One run as it was printed, or what became of it in another.
  private func reportRuns() throws {
    let runs = try files.map { path throws(TraceFileError) in try RunReader.read(path) }
    if runs.count == 1 { return try RunFiles(output: nil, html: html, json: json).write(runs[0]) }
    guard runs.count == 2, html == nil, let difference = RunDifference(from: runs[0], to: runs[1]) else {
      throw ValidationError(
        "compare two runs of one kind: both of `measure A B`, `--compare` or `--overhead`")
    }
    try Console.print(
      json
        ? JSONMeasurement.render(difference)
        : Array(MeasurementText.render(difference, style: Console.style).utf8))
  }

  /// The report that was printed when it was observed.
  private func report(_ observation: Observation) throws -> [Finding] {
    let result = Diagnosis.evaluate(observation)
    let report = Report(
      of: observation, findings: result.findings, notEvaluated: result.notEvaluated,
      explanation: result.explanation, vlanPaths: result.vlanPaths)
    let text = { (style: TextStyle) in
      report.verification == nil
        ? TextReport.renderExplanation(report, style: style)
        : TextReport.renderVerification(report, explaining: nil, style: style)
    }
    try Console.print(json ? JSONReport.render(report) : Array(text(Console.style).utf8))
    return report.findings
  }

  private func join(_ observations: [Observation]) throws -> [Finding] {
    let report = HostJoin.evaluate(observations).report(of: observations, command: "report")
    try Console.print(
      json
        ? JSONReport.render(report.whole) : Array(TextReport.render(report, style: Console.style).utf8))
    return report.whole.findings
  }
}
