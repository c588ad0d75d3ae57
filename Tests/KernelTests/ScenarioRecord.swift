import Foundation
import Glibc
import TestSupport
import Testing
import TraceModel

/// What became of one scenario: a row of the table that `Tests/scenarios.jq` makes of a run.
struct ScenarioRecord: Encodable {
  /// A finding, in short.
  struct Found: Encodable {
    let id: String
    let confidence: Confidence

    init(_ finding: Finding) {
      id = finding.id
      confidence = finding.confidence
    }
  }

  /// What became of the printed fix.
  enum FixOutcome: String, Encodable {
    /// Its commands were run, and the traffic passes.
    case cured
    case failed
    /// It lies on another machine: nothing to run here.
    case elsewhere
  }

  let kernel = KernelRelease.current
  let scenario: String
  /// The causes that are there, the first that stops the traffic first; none: it is healthy.
  let causes: [String]
  /// What `explain` is to name where it sees more.
  let explainedCauses: [String]
  /// `nil` where nobody looked that way.
  var passive: [Found]?
  var explained: [Found]?
  var fix: FixOutcome?
  /// Seconds that `explain` took, its start and end included.
  var verdictSeconds: Double?

  init(_ scenario: String, causes: [String], explainedCauses: [String]? = nil) {
    self.scenario = scenario
    self.causes = causes
    self.explainedCauses = explainedCauses ?? causes
  }

  mutating func note(passive findings: [Finding]) { passive = findings.map(Found.init) }

  mutating func note(_ run: Explained) {
    explained = run.report?.findings.map(Found.init)
    verdictSeconds = run.seconds
  }

  /// Appends the row to the file that the run collects them in; that it cannot be is an issue of the test.
  func write() {
    do { try append() } catch { Issue.record(error, "\(scenario) is missing in the table") }
  }

  /// A line of JSON.
  private func append() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(self) + Data("\n".utf8)
    let path = ProcessInfo.processInfo.environment["MACVTRACE_SCENARIOS"] ?? "build/scenarios.jsonl"
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(file) }
    // One call: several lanes write.
    guard line.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == line.count else {
      throw CocoaError(.fileWriteUnknown)
    }
  }
}

/// The kernel that runs.
enum KernelRelease {
  static let current: String = {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }()
}
