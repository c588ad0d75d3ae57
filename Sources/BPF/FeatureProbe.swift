import CLibBPF
import SystemPackage

// Each probe throws `EOPNOTSUPP` for a number that this build's libbpf does not know.

extension KernelFeatures {
  /// Whether the kernel has a type of map (`enum bpf_map_type`), found by making one. Throws `EPERM` and the like
  /// where it cannot be tried.
  public static func supports(mapType: UInt32) throws(BPFError) -> Bool {
    try verdict(libbpf_probe_bpf_map_type(bpf_map_type(rawValue: mapType), nil), "map type \(mapType)")
  }

  /// Whether the kernel has a type of program (`enum bpf_prog_type`), found by loading one. Throws `EPERM` and the
  /// like where it cannot be tried.
  public static func supports(programType: UInt32) throws(BPFError) -> Bool {
    try verdict(
      libbpf_probe_bpf_prog_type(bpf_prog_type(rawValue: programType), nil),
      "program type \(programType)")
  }

  /// Whether programs of a type may call a helper (`enum bpf_func_id`), found by loading one that does. Throws
  /// `ENOTSUP` for types of programs that no probe can load, such as tracing's.
  public static func supports(helper: UInt32, programType: UInt32) throws(BPFError) -> Bool {
    try verdict(
      libbpf_probe_bpf_helper(
        bpf_prog_type(rawValue: programType), bpf_func_id(rawValue: helper), nil),
      "helper \(helper) of program type \(programType)")
  }

  private static func verdict(_ result: CInt, _ what: String) throws(BPFError) -> Bool {
    guard result >= 0 else { throw BPFError(.feature, "probe \(what)", errno: Errno(rawValue: -result)) }
    return result == 1
  }
}
