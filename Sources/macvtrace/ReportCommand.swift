import ArgumentParser
import TraceDiagnosis
import TraceFile
import TraceModel
import TraceReport

/// `macvtrace report`: saved observations, judged again.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Report on observations that `--output` saved; those of several hosts are joined.",
    discussion:
      "Needs no privilege. Of several hosts it also says what was lost between them, and what they share.")

  @Argument(help: "Files that `macvtrace attach --output` and `explain --output` wrote, one for each host.")
  var files: [String]
  @Flag(help: "Print the report as JSON (macvtrace.report/1).")
  var json = false
  @Option(help: "Exit with status 1 for findings of this severity or above: info, warning, error.")
  var failOn: Severity?

  func validate() throws {
    if files.count > Int(UInt16.max) { throw ValidationError("more files than hosts can be numbered") }
  }

  func run() throws {
    StopSignal.ignoreClosedPipes()
    do {
      let observations = try files.map { path throws(TraceFileError) in try ObservationReader.read(path) }
      let findings = try observations.count == 1 ? report(observations[0]) : join(observations)
      if let failOn, findings.contains(where: { $0.severity >= failOn }) { throw ExitStatus.findings }
    } catch {
      throw Failure.exitCode(error)
    }
  }

  /// The report that was printed when it was observed.
  private func report(_ observation: Observation) throws -> [Finding] {
    let result = Diagnosis.evaluate(observation)
    let report = Report(
      of: observation, findings: result.findings, notEvaluated: result.notEvaluated,
      explanation: result.explanation, vlanPaths: result.vlanPaths)
    try Console.print(
      json
        ? JSONReport.render(report)
        : Array(TextReport.renderExplanation(report, style: Console.style).utf8))
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
