import FoundationEssentials
import LinuxNamespaces
import TraceLab

/// The BPF maps and programs that one process has in the kernel, as bpftool lists them.
struct KernelObjects {
  private struct Object: Decodable {
    let id: UInt32
    let memory: UInt64?
    let maps: [UInt32]?
    let runs: UInt64?
    let nanoseconds: UInt64?

    enum CodingKeys: String, CodingKey {
      case id
      case memory = "bytes_memlock"
      case maps = "map_ids"
      case runs = "run_cnt"
      case nanoseconds = "run_time_ns"
    }
  }

  /// MiB.
  let mapMemory: Double
  /// Its programs, the copies at the children among them: those that use its maps.
  let programs: Int
  /// MiB.
  let programMemory: Double
  /// Runs of those programs, and the nanoseconds that they took, while statistics were enabled.
  let runs: UInt64
  let nanoseconds: UInt64

  init(of pid: Int32) throws {
    let own = Set(
      DescriptorInformation.values(of: "map_id", pid: pid).compactMap { UInt32($0) })
    let maps = try Self.list("map").filter { own.contains($0.id) }
    let programs = try Self.list("prog").filter { $0.maps.map { !own.isDisjoint(with: $0) } ?? false }
    let mebibytes = { (objects: [Object]) in
      Double(objects.reduce(0) { $0 + ($1.memory ?? 0) }) / 1048576
    }
    mapMemory = mebibytes(maps)
    programMemory = mebibytes(programs)
    self.programs = programs.count
    runs = programs.reduce(0) { $0 + ($1.runs ?? 0) }
    nanoseconds = programs.reduce(0) { $0 + ($1.nanoseconds ?? 0) }
  }

  private static func list(_ kind: String) throws -> [Object] {
    let result = try CommandRunner.run(["bpftool", "-j", kind, "show"])
    guard result.status == 0 else { throw BenchError("bpftool \(kind) show: \(result.output)") }
    return try JSONDecoder().decode([Object].self, from: Data(result.output.utf8))
  }
}

/// What /proc/PID/fdinfo says of a process's descriptors.
enum DescriptorInformation {
  /// The values of one field, of all descriptors that have it.
  static func values(of field: String, pid: Int32) -> [Substring] {
    (0..<1024).flatMap { number -> [Substring] in
      guard let text = ProcFS.read("/proc/\(pid)/fdinfo/\(number)") else { return [] }
      return text.split(separator: "\n").filter { $0.hasPrefix(field + ":") }.map {
        $0.dropFirst(field.count + 1).drop { $0 == " " || $0 == "\t" }
      }
    }
  }
}

/// Memory of a process, in MiB (proc_pid_status(5)).
struct ProcessMemory {
  /// What it holds now, and the most that it ever held.
  let resident: Double
  let peak: Double

  init(of pid: Int32) throws {
    let fields = (ProcFS.read("/proc/\(pid)/status") ?? "").split(separator: "\n")
    let value = { (name: String) throws -> Double in
      let line = fields.first { $0.hasPrefix(name + ":") }
      guard let number = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first,
        let kibibytes = Double(number)
      else { throw BenchError("process \(pid) has no \(name)") }
      return kibibytes / 1024
    }
    resident = try value("VmRSS")
    peak = try value("VmHWM")
  }
}
