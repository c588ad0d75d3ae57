import CLibBPF
import Glibc
import SystemPackage

/// Waits until every run of a program that had begun has ended, on all CPUs.
///
/// Whoever detached a program, or took something out of a program's memory, knows behind the barrier that nobody is at it
/// any more. The kernel waits an RCU grace period for those who change a map of maps (`maybe_wait_bpf_programs` in
/// kernel/bpf/syscall.c, Linux 5.0); membarrier(2) waits for the same, but not where CPUs run without a tick.
public struct ProgramBarrier: Sendable {
  private let outer: TypedMap<UInt32, CInt>
  private let inner: Map

  /// Makes the maps that it needs.
  public init() throws(BPFError) {
    inner = try Map.create(
      type: BPF_MAP_TYPE_ARRAY.rawValue, keySize: 4, valueSize: 4, maxEntries: 1, name: "barrier")
    let result = unsafe clibbpf_map_of_maps_create("barrier_outer", inner.descriptor.rawValue)
    guard result >= 0 else {
      throw BPFError(.map, "create map barrier_outer", errno: Errno(rawValue: -result))
    }
    defer { close(result) }
    outer = try TypedMap(try Map(duplicating: result, name: "barrier_outer"))
  }

  /// Waits: some 10 milliseconds, longer where the kernel is busy. Sleepable programs are not waited for.
  public func wait() throws(BPFError) {
    try outer.update(0, to: inner.descriptor.rawValue)
  }
}
