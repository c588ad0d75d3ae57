import Foundation
import NetworkAddresses
import TraceLab
import TraceModel

/// What `macvtrace explain` made of a lab's traffic, as its user on docker01 gets it.
final class Explained: @unchecked Sendable {
  private(set) var report: Report?
  private(set) var status: Int32 = -1
  /// How long it took.
  private(set) var seconds = 0.0

  /// Runs it for the traffic of a fault.
  ///
  /// - Parameter sysfs: what stands for docker01's sysfs.
  func run(_ lab: Lab, _ fault: Fault, sysfs: String? = nil) throws {
    let start = Observed.monotonic()
    defer { seconds = Double(Observed.monotonic() - start) / 1e9 }
    var command = [Observed.binary, "explain", "--json"]
    if fault.from != "docker01" { command += ["--from", lab.specification.prefix + fault.from] }
    if let port = fault.port { command += ["--port", "\(port)"] }
    if let sysfs { command += ["--sysfs", sysfs] }
    // Labs that stand side by side have the same addresses: a container is meant by its name.
    let target = lab.specification.containers.first { "\($0.address.address)" == fault.to }
    command.append(target.map { lab.specification.prefix + $0.name } ?? fault.to)
    let result = try lab.run(
      ["sh", "-c", "\(command.joined(separator: " ")) 2>/dev/null"], in: "docker01")
    status = result.status
    report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }
}
