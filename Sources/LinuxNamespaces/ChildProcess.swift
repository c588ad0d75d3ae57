import CLinux
import Glibc
import SystemPackage

/// A program that runs beside this one, and never longer: the kernel kills it when the thread that started it ends.
public final class ChildProcess {
  /// Its number.
  public let pid: Int32
  private let reader: FileDescriptor
  private var isOver = false
  private var status: Int32 = 0
  /// All that it wrote to standard output so far.
  public private(set) var output: [UInt8] = []

  /// Where a program of that name is, by PATH; `nil` where it is nowhere.
  public static func find(_ name: String) -> String? {
    guard let path = getenv("PATH").map({ String(cString: $0) }) else { return nil }
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Starts a program; to be called by a thread that lives as long as it is to.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - arguments: those behind its name.
  ///   - namespace: where it runs; `nil`: where the calling thread is.
  /// - Throws: `NamespaceError` with the errno of what failed.
  public init(_ path: String, _ arguments: [String], in namespace: NetworkNamespace? = nil)
    throws(NamespaceError)
  {
    let ends: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
    do {
      ends = try FileDescriptor.pipe()
    } catch {
      throw NamespaceError("make a pipe", errno: error as? Errno ?? .ioError)
    }
    // Another program that starts meanwhile is not to hold them open.
    for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    pid = clinux_spawn(path, &words, ends.writeEnd.rawValue, namespace?.fileDescriptor ?? -1)
    let cause = Errno(rawValue: errno)
    try? ends.writeEnd.close()
    reader = ends.readEnd
    if pid < 0 {
      isOver = true
      throw NamespaceError("run \(path)", errno: cause)
    }
  }

  deinit {
    end()
    try? reader.close()
  }

  /// Takes what it writes for a while.
  ///
  /// - Parameter milliseconds: how long is waited for something.
  /// - Returns: false once it has closed its standard output.
  public func read(milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: reader.rawValue, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, milliseconds) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 16384)
    guard let count = try? buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 else {
      return false
    }
    output += buffer[..<count]
    return true
  }

  /// Waits for its end, which closing its standard output announces.
  ///
  /// - Returns: its exit status; 128 and the signal's number when a signal ended it.
  public func wait() -> Int32 {
    if !isOver {
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      isOver = true
    }
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
  }

  /// Kills it, where it still runs.
  public func end() {
    guard !isOver else { return }
    kill(pid, SIGKILL)
    _ = wait()
  }
}
