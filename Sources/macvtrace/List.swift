import ArgumentParser
import TraceDiscovery
import TraceModel
import TraceReport

/// `macvtrace list`: the topology.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show a parent interface and everything on it, in whatever namespace it lives.")

  @Argument(help: "The parent interface. Without it: every interface that carries children.")
  var parent: String?
  @Flag(help: "Print JSON (macvtrace.topology/1).")
  var json = false

  func run() throws {
    do {
      let parents = try parent.map { [$0] } ?? TopologyScanner.parents()
      if parents.isEmpty {
        Console.complain("no interface here carries macvlan or VLAN children; name one to see it alone")
        throw ExitStatus.failed
      }
      for name in parents {
        var limitations: [Degradation] = []
        let topology = try TopologyScanner(parent: name).scan(limitations: &limitations)
        for limitation in limitations { Console.complain("\(limitation.feature): \(limitation.consequence)") }
        if json {
          let bytes = try JSONTopology.render(topology, tool: Tool.information("list"), host: Tool.host())
          try Console.print(String(decoding: bytes, as: UTF8.self) + "\n")
        } else {
          let text = TopologyText.render(topology, style: Console.style)
          try Console.print(text.hasSuffix("\n") ? text : text + "\n")
        }
      }
    } catch {
      throw Failure.exitCode(error)
    }
  }
}
