import Glibc
import LinuxNamespaces
import SystemPackage

/// How soon commands answer that load no BPF program.
struct CommandBench {
  let rounds: Int

  private static let commands = [
    ["--version"], ["--help"], ["causes"], ["list", BenchNetwork.parent],
    ["list", BenchNetwork.parent, "--json"],
  ]

  func run(_ binary: String) throws -> [CommandResult] {
    let network = try BenchNetwork(children: 1)
    let nowhere = try FileDescriptor.open("/dev/null", .writeOnly)
    defer { try? nowhere.close() }
    var times = [[Double]](repeating: [], count: Self.commands.count)
    for _ in 0..<rounds {
      for (index, command) in Self.commands.enumerated() {
        let start = ObservingProcess.now()
        let process = try ChildProcess([binary] + command, output: nowhere, errors: nowhere, in: network.host)
        let end = process.end(0)
        times[index].append(ObservingProcess.now() - start)
        guard end.status == 0 else {
          throw BenchError("\(command.joined(separator: " ")): status \(end.status)")
        }
      }
    }
    return zip(Self.commands, times).map {
      CommandResult(command: $0.joined(separator: " "), milliseconds: Spread($1))
    }
  }
}

/// How soon one command answered.
struct CommandResult: Encodable {
  let command: String
  /// From exec to its end.
  let milliseconds: Spread

  static func text(_ results: [CommandResult]) -> String {
    var table = TextColumns(["", "ms"])
    for result in results { table.append([result.command, result.milliseconds.text(1)]) }
    return "Commands that load no BPF program: milliseconds to their end; median (minimum-maximum)\n"
      + table.text
  }
}
