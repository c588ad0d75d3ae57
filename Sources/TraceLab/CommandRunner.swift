import Glibc
public import LinuxNamespaces
import SystemPackage

/// What a command did.
public struct CommandResult: Sendable {
  /// 0 to 255; 128 and the signal's number when a signal ended it.
  public let status: Int32
  /// Standard output and standard error, as they came.
  public let output: String
}

/// Runs commands of this machine inside a network namespace.
public enum CommandRunner {
  /// Runs a command and waits for it.
  ///
  /// - Parameters:
  ///   - arguments: the command's name, looked for in PATH, and its arguments.
  ///   - namespace: where it runs; `nil`: where the caller is.
  public static func run(_ arguments: [String], in namespace: NetworkNamespace? = nil) throws -> CommandResult
  {
    let body = { @Sendable () throws -> CommandResult in try spawn(arguments) }
    // A child process inherits the namespace of the thread that starts it.
    return try namespace?.run(body) ?? body()
  }

  private static func spawn(_ arguments: [String]) throws -> CommandResult {
    let (reader, writer) = try FileDescriptor.pipe()
    defer { try? reader.close() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, writer.rawValue, 1)
    posix_spawn_file_actions_adddup2(&actions, writer.rawValue, 2)
    // What the command leaves running in the background would hold the pipe open, and be waited for.
    for end in [reader, writer] { posix_spawn_file_actions_addclose(&actions, end.rawValue) }
    // Threads that block signals would hand that down: SIGINT would never reach the command.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var pid = pid_t()
    let status = posix_spawnp(&pid, arguments.first ?? "", &actions, &attributes, words, environ)
    try? writer.close()
    guard status == 0 else {
      throw NamespaceError("run \(arguments.joined(separator: " "))", errno: Errno(rawValue: status))
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while let count = try? buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 {
      output += buffer[..<count]
    }
    var code: Int32 = 0
    while waitpid(pid, &code, 0) < 0, errno == EINTR {}
    let signal = code & 0x7f
    return CommandResult(
      status: signal == 0 ? code >> 8 & 0xff : 128 + signal, output: String(decoding: output, as: UTF8.self))
  }
}
