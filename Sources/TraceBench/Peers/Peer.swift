/// A tool that observes an interface, as the bench starts it.
struct Peer: Sendable {
  /// How it stays until it is stopped.
  enum Life: Sendable {
    /// A process; it is ready when it has written this on standard error or standard output.
    case process(ready: String)
    /// Rules in the kernel: the command ends at once, and this one takes them away.
    case rules(removal: [String])
    /// A program of one of the bench's objects, where macvtrace has its own: at both sides of the parent and of the child.
    case program(object: String, name: String)
  }

  /// Where the frames that it counted stand.
  enum Count: Sendable {
    /// Nowhere.
    case none
    /// In what it has written by its end.
    case output(@Sendable (_ output: String) -> UInt64?)
    /// In what a command writes while it still runs.
    case command([String], @Sendable (_ output: String) -> UInt64?)
  }

  let name: String
  /// The Debian package that has it; `nil` for macvtrace itself.
  let package: String?
  /// The program that has to be there.
  let program: String
  /// The command, run in the namespace of the observed interface.
  let words: [String]
  /// A file that the command reads, and what stands in it.
  var file: (path: String, text: String)?
  let life: Life
  let count: Count
  /// Milliseconds after the last frame until it has read what waits.
  var settling = 300.0
  /// Whether it copies frames to user space.
  var captures = false

  /// Whether it counts at all.
  var counts: Bool {
    if case .none = count { false } else { true }
  }

  /// Whether it can be started here.
  var isInstalled: Bool { Executable.isThere(program) }
}
