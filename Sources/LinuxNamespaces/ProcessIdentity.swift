import Glibc

/// Which process, told from every other of this machine, also from those whose pid it has in another PID namespace or
/// at another time.
public struct ProcessIdentity: Hashable, Sendable {
  /// As the process itself sees it.
  public let pid: Int32
  /// The inode of its PID namespace.
  public let pidNamespace: UInt64
  /// Clock ticks after boot when it started (proc(5), stat, field 22): pids are used again.
  public let startTime: UInt64

  /// The first PID namespace, in which every process is seen (PROC_PID_INIT_INO in include/linux/proc_ns.h).
  private static let initialNamespace: UInt64 = 0xefff_fffc

  /// Names a process.
  public init(pid: Int32, pidNamespace: UInt64, startTime: UInt64) {
    self.pid = pid
    self.pidNamespace = pidNamespace
    self.startTime = startTime
  }

  /// This process; what cannot be read of it is 0.
  public static let current = ProcessIdentity(
    pid: getpid(), pidNamespace: pidNamespace(of: "self") ?? 0, startTime: startTime(of: "self") ?? 0)

  /// Whether the process may still run.
  ///
  /// False is certain. A process that ran in a PID namespace of which nothing is seen from here may still run.
  public var isAlive: Bool {
    let own = Self.current.pidNamespace
    if pidNamespace == own { return Self.startTime(of: "\(pid)") == startTime }
    var isSeen = own == Self.initialNamespace
    for name in DirectoryListing.names(in: "/proc") where Int32(name) != nil {
      guard Self.pidNamespace(of: name) == pidNamespace else { continue }
      if Self.startTime(of: name) == startTime { return true }
      isSeen = true
    }
    return !isSeen
  }

  private static func pidNamespace(of process: String) -> UInt64? {
    var status = stat()
    return stat("/proc/\(process)/ns/pid", &status) == 0 ? UInt64(status.st_ino) : nil
  }

  /// `nil` for a process that has ended.
  private static func startTime(of process: String) -> UInt64? {
    // The second field is the command in parentheses and may hold anything.
    guard let text = ProcFS.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[text.index(after: end)...].split(separator: " ")
    // A zombie has ended, though nobody has asked how.
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return UInt64(fields[19])
  }
}
