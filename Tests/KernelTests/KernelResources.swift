import Foundation
import Glibc
import LinuxNamespaces
import Testing
import TraceLab

/// What a process holds in the kernel: descriptors, and the BPF programs, maps and links behind them.
struct KernelResources {
  /// How many, without those of Foundation's run loops, which come and go by themselves.
  let descriptors: Int
  /// What each descriptor stands for, as its link in procfs says.
  let files: [String]
  /// As `bpftool` names them, such as `prog 12`.
  let objects: Set<String>

  /// Those of this process, or of another one.
  static func now(of process: String = "self") -> KernelResources {
    var objects: Set<String> = []
    var files: [String] = []
    guard let directory = opendir("/proc/\(process)/fdinfo") else {
      return KernelResources(descriptors: 0, files: [], objects: [])
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Int32(name) != nil else { continue }
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(name)")
      if ["[eventfd]", "[eventpoll]", "[timerfd]"].contains(where: { link?.hasSuffix($0) == true }) {
        continue
      }
      files.append("\(name) \(link ?? "?")")
      for line in (ProcFS.read("/proc/\(process)/fdinfo/\(name)") ?? "").split(separator: "\n") {
        for kind in ["prog", "map", "link"] where line.hasPrefix("\(kind)_id:\t") {
          objects.insert("\(kind) \(line.dropFirst(kind.utf8.count + 5))")
        }
      }
    }
    return KernelResources(descriptors: files.count, files: files, objects: objects)
  }

  /// Those of this process once no thread that is ending closes any more, two seconds later at most.
  static func settled() -> KernelResources {
    var last = now()
    for _ in 0..<40 {
      usleep(50_000)
      let next = now()
      if next.descriptors == last.descriptors { return next }
      last = next
    }
    return last
  }

  /// Those of the programs and links that the kernel still has, five seconds later at most: it frees them some grace
  /// periods after their last user went. Maps follow their programs, later than a test can wait for.
  static func remaining(_ objects: Set<String>) throws -> Set<String> {
    var left = objects.filter { !$0.hasPrefix("map") }
    for _ in 0..<100 where !left.isEmpty {
      left = try left.filter {
        let words = $0.split(separator: " ").map(String.init)
        return try CommandRunner.run(["bpftool", words[0], "show", "id", words[1]]).status == 0
      }
      if !left.isEmpty { usleep(50_000) }
    }
    return left
  }
}
