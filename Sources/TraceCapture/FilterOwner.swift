import Glibc
import LinuxNamespaces

/// The name that our clsact filters carry: which process put them there, so that what a killed one left behind is
/// told from what a living one uses.
struct FilterOwner: Equatable {
  var pid: Int32
  /// Clock ticks after boot when the process started (proc(5), stat, field 22): pids are used again.
  var startTime: UInt64
  /// Whether the process also made the clsact queueing discipline.
  var madeClsact: Bool

  private static let prefix = "macvtrace"

  /// The upper half of our filters' handles; the lower is from the pid, so that two captures do not collide.
  static let handlePrefix: UInt32 = 0x6d76_0000
  /// Our filters' priority: behind the low numbers that people choose.
  static let priority: UInt16 = 49152

  /// This process.
  static func current(madeClsact: Bool) -> FilterOwner {
    FilterOwner(pid: getpid(), startTime: startTime(of: getpid()) ?? 0, madeClsact: madeClsact)
  }

  var name: String { "\(Self.prefix)/\(pid)/\(startTime)/\(madeClsact ? "q" : "-")" }
  var handle: UInt32 { Self.handlePrefix | UInt32(bitPattern: pid) & 0xffff }

  /// Reads a filter's name; `nil` when it is none of ours.
  init?(name: String) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == Self.prefix, let pid = Int32(parts[1]), let start = UInt64(parts[2])
    else {
      return nil
    }
    self.init(pid: pid, startTime: start, madeClsact: parts[3] == "q")
  }

  private init(pid: Int32, startTime: UInt64, madeClsact: Bool) {
    self.pid = pid
    self.startTime = startTime
    self.madeClsact = madeClsact
  }

  /// Whether the process still runs.
  var isAlive: Bool { Self.startTime(of: pid) == startTime }

  private static func startTime(of pid: Int32) -> UInt64? {
    // The second field is the command in parentheses and may hold anything.
    guard let text = ProcFS.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
