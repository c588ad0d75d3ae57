import LinuxNamespaces

/// The name that our clsact filters carry: which process put them there, so that what a killed one left behind is
/// told from what a living one uses, also when one of the two runs in a container.
struct FilterOwner: Hashable {
  let process: ProcessIdentity
  /// Whether the process, or a capture that it met there, also made the clsact queueing discipline.
  let madeClsact: Bool

  private static let prefix = "macvtrace"

  /// The upper half of our filters' handles.
  private static let handlePrefix: UInt32 = 0x6d76_0000
  /// This process.
  static func current(madeClsact: Bool) -> FilterOwner {
    FilterOwner(process: .current, madeClsact: madeClsact)
  }

  /// `macvtrace/PID/START/PIDNS/q`, with `-` at the end for a clsact that was there before.
  var name: String {
    "\(Self.prefix)/\(process.pid)/\(process.startTime)/\(process.pidNamespace)/\(madeClsact ? "q" : "-")"
  }

  /// Two captures do not collide: in a container every one has pid 1, so the start counts too.
  var handle: UInt32 {
    let mixed =
      (UInt64(UInt32(bitPattern: process.pid)) ^ process.startTime << 20 ^ process.pidNamespace << 40)
      &* 0x9e37_79b9_7f4a_7c15
    return Self.handlePrefix | UInt32(mixed >> 48)
  }

  /// Reads a filter's name; `nil` when it is none of ours.
  init?(name: String) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == Self.prefix, let pid = Int32(parts[1]), let start = UInt64(parts[2]),
      let pidNamespace = UInt64(parts[3])
    else {
      return nil
    }
    self.init(
      process: ProcessIdentity(pid: pid, pidNamespace: pidNamespace, startTime: start),
      madeClsact: parts[4] == "q")
  }

  private init(process: ProcessIdentity, madeClsact: Bool) {
    self.process = process
    self.madeClsact = madeClsact
  }
}
