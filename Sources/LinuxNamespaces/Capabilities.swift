import CLinux

/// What this process may do (capabilities(7)).
public struct Capabilities: Sendable {
  /// The capabilities that macvtrace's libraries ask for.
  public enum Capability: Int, Sendable, CaseIterable {
    case networkAdministration = 12
    case systemAdministration = 21
    case performanceMonitoring = 38
    case bpf = 39

    /// The name in capabilities(7).
    public var name: String {
      switch self {
      case .networkAdministration: "CAP_NET_ADMIN"
      case .systemAdministration: "CAP_SYS_ADMIN"
      case .performanceMonitoring: "CAP_PERFMON"
      case .bpf: "CAP_BPF"
      }
    }
  }

  private let bits: UInt64

  /// Reads the effective set of this process.
  public static func effective() -> Capabilities { Capabilities(bits: clinux_effective_capabilities()) }

  /// Whether the process has it; CAP_SYS_ADMIN stands for the two that were split off it (Linux 5.8).
  public func has(_ capability: Capability) -> Bool {
    if bits >> UInt64(capability.rawValue) & 1 == 1 { return true }
    let wasSplitOff = capability == .bpf || capability == .performanceMonitoring
    return wasSplitOff && bits >> UInt64(Capability.systemAdministration.rawValue) & 1 == 1
  }

  /// Those that are missing to load tracing programs and to enter other namespaces.
  public var missing: [Capability] { Capability.allCases.filter { !has($0) } }
}
