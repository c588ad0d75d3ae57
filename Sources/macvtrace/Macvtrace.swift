import ArgumentParser

/// The command line.
@main
struct Macvtrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "macvtrace",
    abstract: "Says why macvlan traffic fails.",
    discussion: """
      Attaches BPF programs to a parent interface and to everything on it, counts every frame, follows the
      telling ones, and names the root cause with its proof and its fix. Observing changes nothing.
      """,
    version: Tool.version,
    subcommands: [
      Attach.self, Explain.self, Verify.self, Measure.self, ReportCommand.self, List.self, Doctor.self,
      Causes.self, LabCommand.self,
    ])

  static func main() {
    Console.occupyClosedDescriptors()
    main(nil)
  }
}
