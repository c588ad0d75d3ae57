import Foundation
import TraceLab
import TraceModel

/// What `macvtrace explain` made of a lab's traffic, as its user on docker01 gets it.
final class Explained: @unchecked Sendable {
  private(set) var report: Report?
  private(set) var status: Int32 = -1

  /// Runs it for the traffic of a fault.
  func run(_ lab: Lab, _ fault: Fault) throws {
    var command = [".build/debug/macvtrace", "explain", "--json"]
    if fault.from != "docker01" { command += ["--from", Observed.prefix + fault.from] }
    if let port = fault.port { command += ["--port", "\(port)"] }
    let result = try lab.run(
      ["sh", "-c", "\((command + [fault.to]).joined(separator: " ")) 2>/dev/null"], in: "docker01")
    status = result.status
    report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }
}
