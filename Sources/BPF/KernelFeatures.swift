import CLibBPF
import Glibc
public import SystemPackage

/// What the running kernel can do, found by trying: version numbers are never read.
public struct KernelFeatures: Sendable, Hashable {
  /// tc programs load at all; `nil` when they do, else why not.
  public var programError: Errno?
  /// TCX links (Linux 6.6).
  public var tcx: Bool
  /// Ring buffers (Linux 5.8).
  public var ringBuffer: Bool
  /// The kernel describes its own types.
  public var btf: Bool
  /// Arguments of `skb:kfree_skb`: 2 before drop reasons (Linux 5.17), more since; `nil` without BTF.
  public var dropArguments: Int?
  /// The neighbor tracepoints exist.
  public var neighborTracepoints: Bool
  /// Bottom halves can be preempted (PREEMPT_RT), so two frames can meet on one CPU.
  public var preemptRT: Bool
  /// BPF programs are compiled to machine code.
  public var justInTimeCompiler: Bool

  /// Tries everything but what needs the kernel's BTF; under a millisecond.
  public static func probe() -> KernelFeatures {
    var features = unsafe KernelFeatures(
      programError: nil, tcx: false, ringBuffer: false, btf: access("/sys/kernel/btf/vmlinux", R_OK) == 0,
      dropArguments: nil, neighborTracepoints: false, preemptRT: isPreemptRT(),
      justInTimeCompiler: false)
    do {
      let program = try Program.trivial()
      features.tcx = hasTCX(program)
      features.justInTimeCompiler = isCompiled(program)
    } catch {
      features.programError = error.errno
    }
    let page = UInt32(getpagesize())
    features.ringBuffer =
      (try? Map.create(
        type: BPF_MAP_TYPE_RINGBUF.rawValue, keySize: 0, valueSize: 0, maxEntries: page,
        name: "macvtrace_probe"))
      != nil
    return features
  }

  /// Adds what only the kernel's BTF tells.
  public mutating func read(_ btf: borrowing KernelBTF) {
    dropArguments = btf.tracepointArgumentCount("kfree_skb")
    neighborTracepoints = ["neigh_update_done", "neigh_timer_handler", "neigh_event_send_done"].allSatisfy {
      btf.tracepointArgumentCount($0) != nil
    }
  }

  /// An interface index that nobody has: where TCX is known the kernel looks for the device (ENODEV) and where not
  /// it refuses the attach type (EINVAL).
  private static func hasTCX(_ program: Program) -> Bool {
    do {
      _ = try program.attachTCX(ifindex: 0x7fff_fff0, direction: .ingress)
      return true
    } catch {
      return error.errno == .noSuchAddressOrDevice || error.errno == Errno(rawValue: ENODEV)
    }
  }

  /// Whether the kernel made machine code of a program. It tells its size to those only who may see its addresses
  /// (kptr_restrict); the sysctl to those only in the first network namespace.
  private static func isCompiled(_ program: Program) -> Bool {
    if let information = try? program.information(), information.isCompiled { return true }
    guard let text = readSmallFile("/proc/sys/net/core/bpf_jit_enable") else { return false }
    return text.first != "0"
  }

  private static func isPreemptRT() -> Bool {
    readSmallFile("/sys/kernel/realtime")?.first == "1"
  }

  private static func readSmallFile(_ path: String) -> String? {
    guard let file = unsafe try? FileDescriptor.open(path, .readOnly) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 128)
    guard let count = try? unsafe bytes.withUnsafeMutableBytes({ unsafe try file.read(into: $0) }) else {
      return nil
    }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
