import ArgumentParser
import TraceCapture
import TraceDiscovery
import TraceModel
import TraceReport

/// `macvtrace doctor`: can this machine run it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether this machine can run macvtrace, how, and what an earlier run left behind.")

  @Flag(help: "Remove the tc filters that a killed macvtrace left attached.")
  var sweep = false
  @Flag(help: "Print JSON (macvtrace.doctor/1).")
  var json = false

  func run() throws {
    do {
      var leftovers: [Leftover] = []
      // Without privilege the leftovers cannot be seen; the checks say so.
      for name in (try? TopologyScanner.parents(includingChildless: true)) ?? [] {
        do {
          leftovers += FilterSweeper.sweep(try TopologyScanner(parent: name).scan(), remove: sweep)
        } catch  where error.code == .noSuchInterface || error.code == .notPermitted {
          // One that is gone by now has nothing left on it.
          continue
        } catch {
          Console.complain("\(name) was not looked at for leftovers: \(error)")
        }
      }
      let examination = MachineExamination.run()
      let report = DoctorReport(
        tool: Tool.information("doctor"), host: Tool.host(), checks: examination.checks,
        hooks: examination.hooks,
        leftovers: leftovers)
      if json {
        try Console.print(String(decoding: try JSONDoctor.render(report), as: UTF8.self) + "\n")
      } else {
        let text = DoctorText.render(report, style: Console.style)
        try Console.print(text.hasSuffix("\n") ? text : text + "\n")
      }
      if report.status == .missing { throw ExitStatus.unavailable }
    } catch {
      throw Failure.exitCode(error)
    }
  }
}
