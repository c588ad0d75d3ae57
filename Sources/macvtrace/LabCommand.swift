public import ArgumentParser
public import TraceLab

extension LabTopology: ExpressibleByArgument {}

/// `macvtrace lab`: the tutorial's network, to try everything with no hardware.
struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Build the tutorial's network out of namespaces, with a fault of your choice.",
    subcommands: [Up.self, Down.self, Faults.self])

  /// `macvtrace lab up`
  struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "up", abstract: "Build it: docker01 and docker02 on a switch, their containers on macvlan."
    )

    @Option(
      help: "The network: flat, or vlan for trunks and a router (needs 8021q). The fault's, by default.")
    var topology: LabTopology?
    @Option(help: "The fault to build in; see `macvtrace lab list`.")
    var fault: String?

    /// A word that a shell takes as it is.
    private static func quoted(_ word: String) -> String {
      word.contains { " ;|&$'\"<>()\n".contains($0) }
        ? "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
        : word
    }

    private func choice() throws -> Fault {
      let id = fault ?? (topology ?? .flat).defaultFault
      guard let chosen = Fault.named(id) else {
        throw ValidationError("there is no fault \(id); `macvtrace lab list` names them all")
      }
      if let topology, chosen.topology != topology {
        throw ValidationError("the fault \(id) is one of the topology \(chosen.topology.rawValue)")
      }
      return chosen
    }

    func run() throws {
      do {
        let chosen = try choice()
        _ = try Lab.up(chosen.specification)
        let attempt =
          "ip netns exec \(chosen.from) \(chosen.attempt.map(Self.quoted).joined(separator: " "))"
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
    static let configuration = CommandConfiguration(
      commandName: "down", abstract: "Remove exactly what `up` made.")

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
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Name every topology and the faults of each.")

    func run() throws {
      do {
        let width = Fault.all.map(\.id.count).max() ?? 0
        for topology in LabTopology.allCases {
          try Console.print("\(topology.rawValue): \(topology.title)\n")
          for fault in Fault.all where fault.topology == topology {
            let padding = String(repeating: " ", count: width - fault.id.count)
            try Console.print("  \(fault.id)\(padding)  \(fault.title)\n")
          }
        }
      } catch {
        throw Failure.exitCode(error)
      }
    }
  }
}
