import Foundation
import NetworkAddresses
import TestSupport
import Testing
import TraceLab
import TraceModel

/// What `macvtrace verify` made of a lab, as its user on docker01 gets it.
struct Verified {
  let report: Report
  let status: Int32

  /// Runs it.
  init(_ lab: Lab, _ options: String = "", parent: String = "ens33") throws {
    let command = "timeout \(Patience.times(60)) \(Observed.binary) verify \(parent) \(options) --json"
    let result = try lab.run(["sh", "-c", "\(command) 2>/dev/null"], in: "docker01")
    status = result.status
    report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  func path(_ from: UInt16, _ to: UInt16) throws -> VLANPath {
    try #require(report.vlanPaths.first { $0.from.rawValue == from && $0.to.rawValue == to })
  }

  /// The claims of a pair that fail, with their causes; `-` where none is named.
  func failing(_ from: UInt16, _ to: UInt16) throws -> [Int: String] {
    let claims = try path(from, to).claims
    #expect(claims.map(\.number) == Array(1...22))
    return Dictionary(
      uniqueKeysWithValues: claims.filter { $0.outcome == .fail }.map { ($0.number, $0.cause ?? "-") })
  }

  /// What a pair's claim came to.
  func outcome(_ number: Int, _ from: UInt16 = 10, _ to: UInt16 = 20) throws -> VLANClaim.Outcome {
    try #require(try path(from, to).claims.first { $0.number == number }).outcome
  }

  /// For a failing expectation: everything that was said.
  var text: String {
    report.vlanPaths.map { path in
      let claims = path.claims.filter { $0.outcome != .pass }
        .map { "  \($0.number) \($0.outcome) \($0.cause ?? "-"): \($0.text)" }
      return (["\(path.from) to \(path.to): \(path.verdict)"] + path.evidence + claims).joined(
        separator: "\n")
    }.joined(separator: "\n") + "\nfindings: \(report.findings.map { "\($0.id) \($0.confidence)" })"
  }
}
