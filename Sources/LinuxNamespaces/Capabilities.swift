import CLinux

/// What the calling thread may do (capabilities(7)).
public struct Capabilities: Sendable {
  /// The capabilities that attaching, entering namespaces and changing links ask for.
  ///
  /// The raw value is the bit's number in include/uapi/linux/capability.h.
  public enum Capability: Int, Sendable, CaseIterable {
    /// Sockets, links, tc filters.
    case networkAdministration = 12
    /// Entering and making namespaces.
    case systemAdministration = 21
    /// Tracing programs that read kernel memory (Linux 5.8).
    case performanceMonitoring = 38
    /// Loading BPF programs and maps (Linux 5.8).
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

  /// The set as in `CapEff` of /proc/PID/status: bit N is capability number N.
  public let rawValue: UInt64

  /// Takes a set as the kernel writes it.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Reads the effective set of the calling thread; nothing when it cannot be read.
  public static func effective() -> Capabilities {
    Capabilities(rawValue: clinux_effective_capabilities())
  }

  /// Whether it is there; CAP_SYS_ADMIN stands for the two that were split off it (Linux 5.8).
  public func has(_ capability: Capability) -> Bool {
    if contains(capability) { return true }
    let wasSplitOff = capability == .bpf || capability == .performanceMonitoring
    return wasSplitOff && contains(.systemAdministration)
  }

  /// Those that are missing to load tracing programs and to enter other namespaces.
  public var missing: [Capability] { Capability.allCases.filter { !has($0) } }

  private func contains(_ capability: Capability) -> Bool {
    rawValue >> UInt64(capability.rawValue) & 1 == 1
  }
}
