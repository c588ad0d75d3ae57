import ArgumentParser
import TraceLab

/// `macvtrace lab`: the tutorial's network, to try everything with no hardware.
struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Build the tutorial's network out of namespaces, with a fault of your choice.",
    subcommands: [Up.self, Down.self, Faults.self])

  /// `macvtrace lab up`
  struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build it: docker01 and docker02 on a switch, bbox1 and bbox2 on macvlan.")

    @Option(help: "The fault to build in; see `macvtrace lab list`.")
    var fault = "host-to-child-bridge"

    func run() throws {
      do {
        guard let chosen = Fault.named(fault) else {
          throw ValidationError("there is no fault \(fault); `macvtrace lab list` names them all")
        }
        _ = try Lab.up(chosen.specification)
        let attempt = "ip netns exec \(chosen.from) \(chosen.attempt.joined(separator: " "))"
        try Console.print(
          """
          The lab is up: \(chosen.title).
          Observe it:  ip netns exec docker01 macvtrace attach ens33 --duration 5s
          Meanwhile:   \(attempt)
          Remove it:   macvtrace lab down

          """)
      } catch let error as ValidationError {
        throw error
      } catch {
        throw Failure.exitCode(error)
      }
    }
  }

  /// `macvtrace lab down`
  struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove exactly what `up` made.")

    func run() throws {
      do {
        let names = try Lab.down()
        try Console.print("removed \(names.count) network namespaces: \(names.joined(separator: " "))\n")
      } catch {
        throw Failure.exitCode(error)
      }
    }
  }

  /// `macvtrace lab list`
  struct Faults: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Name every fault.")

    func run() throws {
      do {
        let width = Fault.all.map(\.id.count).max() ?? 0
        for fault in Fault.all {
          let padding = String(repeating: " ", count: width - fault.id.count)
          try Console.print("\(fault.id)\(padding)  \(fault.title)\n")
        }
      } catch {
        throw Failure.exitCode(error)
      }
    }
  }
}
