import LinuxNamespaces

/// The processor time of ksoftirqd, which handles frames when there are too many for those who send and receive.
struct SoftirqTime {
  private let paths: [String]

  /// Looks for its threads, one for each CPU; in a PID namespace of one's own there are none to see.
  init() {
    paths = DirectoryListing.names(in: "/proc").filter { name in
      name.utf8.allSatisfy { (0x30...0x39).contains($0) }
        && ProcFS.read("/proc/\(name)/comm", limit: 32)?.hasPrefix("ksoftirqd/") == true
    }.map { "/proc/\($0)/schedstat" }
  }

  /// Whether it can be told.
  var isKnown: Bool { !paths.isEmpty && now() > 0 }

  /// In nanoseconds since boot.
  func now() -> UInt64 {
    paths.reduce(0) { sum, path in
      // The time on a CPU is the first number (Documentation/scheduler/sched-stats.rst).
      sum + (ProcFS.read(path, limit: 128)?.split(separator: " ").first.flatMap { UInt64($0) } ?? 0)
    }
  }
}
