import Glibc
import LinuxNamespaces

/// A process and those that it has started, as /proc knows them now.
struct ProcessTree {
  /// The first is the one that was asked for.
  let pids: [pid_t]

  init(of root: pid_t) {
    var found = [root]
    var next = 0
    while next < found.count {
      let children = ProcFS.read("/proc/\(found[next])/task/\(found[next])/children") ?? ""
      found += children.split(separator: " ").compactMap { pid_t($0) }
      next += 1
    }
    pids = found
  }

  /// Seconds of processor time that their living threads have taken (schedstat, in nanoseconds).
  var processorTime: Double {
    pids.reduce(0) { sum, pid in
      sum
        + Self.threads(of: pid).reduce(0) { sum, thread in
          let text = ProcFS.read("/proc/\(pid)/task/\(thread)/schedstat") ?? ""
          return sum + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
        }
    }
  }

  /// MiB that they hold together.
  var resident: Double {
    pids.reduce(0) { $0 + ((try? ProcessMemory(of: $1).resident) ?? 0) }
  }

  private static func threads(of pid: pid_t) -> [String] {
    guard let stream = opendir("/proc/\(pid)/task") else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
