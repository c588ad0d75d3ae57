import ArgumentParser
import TraceCapture
import TraceDiscovery
import TraceModel
import TraceReport

/// `macvtrace doctor`: can this machine run it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say whether this machine can run macvtrace, how, and what an earlier run left behind.")

  @Argument(
    help: "A parent interface: which programs stand on it and its children, and where macvtrace's would.")
  var parent: String?
  @Flag(help: "Remove the tc filters that a killed macvtrace left attached.")
  var sweep = false
  @Flag(help: "Print JSON (macvtrace.doctor/1).")
  var json = false

  func run() throws {
    do {
      var report = DoctorReport(tool: Tool.information("doctor"), host: Tool.host(), checks: [])
      for topology in try topologies() { look(at: topology, &report) }
      let examination = MachineExamination.run()
      report.checks = examination.checks
      report.hooks = examination.hooks
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

  /// What sits on the named parent, else on every interface of this namespace. Without privilege nothing can be seen
  /// there; the checks say so.
  private func topologies() throws -> [Topology] {
    var topologies: [Topology] = []
    if let parent {
      do {
        topologies.append(try TopologyScanner(parent: parent).scan())
      } catch {
        if error.code != .notPermitted { throw error }
      }
      return topologies
    }
    for name in (try? TopologyScanner.parents(includingChildless: true)) ?? [] {
      do {
        topologies.append(try TopologyScanner(parent: name).scan())
      } catch  where error.code == .noSuchInterface || error.code == .notPermitted {
        // One that is gone by now has nothing on it.
        continue
      } catch {
        Console.complain("\(name) was not looked at: \(error)")
      }
    }
    return topologies
  }

  private func look(at topology: Topology, _ report: inout DoctorReport) {
    var unseen = topology
    // A VLAN is a parent, too: its children are met twice.
    let known = Set(report.interfaces.map(\.id))
    unseen.interfaces.removeAll { known.contains($0.id) }
    report.leftovers += FilterSweeper.sweep(unseen, remove: sweep)
    let examination = ProgramExamination(unseen)
    for limitation in examination.limitations {
      Console.complain("\(limitation.feature): \(limitation.consequence)")
    }
    report.interfaces += unseen.interfaces
    report.otherPrograms += examination.otherPrograms
    let occupied = Set(examination.otherPrograms.map { Hook($0.interface, $0.place.direction) })
    report.places += examination.places.filter { parent != nil || occupied.contains($0.hook) }
  }
}
