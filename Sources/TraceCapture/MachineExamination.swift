import BPF
import LinuxNamespaces
import SystemPackage
public import TraceModel

/// Whether this machine can observe, and how it would.
public struct MachineExamination: Sendable {
  /// What is needed, in the order in which it is used.
  public let checks: [DoctorCheck]
  /// How hooks would be attached; empty when they cannot be.
  public let hooks: [PlannedHook]

  /// Tries every feature; reads no version number.
  public static func run() -> MachineExamination {
    var features = KernelFeatures.probe()
    let missing = Capabilities.effective().missing
    if features.btf, let btf = try? KernelBTF() { features.read(btf) }
    var checks = [
      missing.isEmpty
        ? DoctorCheck("privileges", .ok, detail: "BPF, network administration, other namespaces")
        : DoctorCheck(
          "privileges", .missing, detail: "lacks " + missing.map(\.name).joined(separator: ", "),
          consequence: "run it as root (sudo)"),
      features.programError.map {
        DoctorCheck(
          "BPF programs", .missing, detail: "a program that does nothing is refused: \($0)",
          consequence: missing.isEmpty ? "this kernel does not allow BPF" : "run it as root (sudo)")
      } ?? DoctorCheck("BPF programs", .ok, detail: "the kernel accepts tc programs"),
    ]
    let canLoad = features.programError == nil
    checks.append(
      check(
        "ring buffer", features.ringBuffer || !canLoad, "frames can be followed",
        .missing, "the kernel has no BPF ring buffer (Linux 5.8)"))
    checks.append(
      check(
        "TCX links", features.tcx, "attached by links: nothing stays when the process dies", .degraded,
        "clsact filters are used; what kill -9 leaves, the next start or `doctor --sweep` removes"))
    checks.append(
      check(
        "kernel BTF", features.btf, "tracepoints can be read", .degraded,
        "neither drops nor neighbor changes are seen; findings rest on frames and state"))
    checks.append(
      check(
        "drop reasons", (features.dropArguments ?? 0) >= 3, "skb:kfree_skb tells why", .degraded,
        "drops are told by place alone (reasons came with Linux 5.17)"))
    checks.append(
      check(
        "neighbor tracepoints", features.neighborTracepoints, "ARP and ND outcomes are seen", .degraded,
        "failed resolution is read from the neighbor table at the end"))
    checks.append(
      check(
        "JIT compiler", features.justInTimeCompiler, "programs run as machine code", .degraded,
        "programs are interpreted, several times slower: set net.core.bpf_jit_enable=1"))
    if features.preemptRT {
      checks.append(
        DoctorCheck(
          "PREEMPT_RT", .degraded, detail: "bottom halves can be preempted",
          consequence: "no frame is lost, but one can be counted at another hook that it met on its CPU"))
    }
    return MachineExamination(checks: checks, hooks: canLoad ? plan(features) : [])
  }

  private static func check(
    _ name: String, _ isThere: Bool, _ detail: String, _ otherwise: CheckStatus, _ consequence: String
  ) -> DoctorCheck {
    isThere
      ? DoctorCheck(name, .ok, detail: detail)
      : DoctorCheck(name, otherwise, detail: "not there", consequence: consequence)
  }

  private static func plan(_ features: KernelFeatures) -> [PlannedHook] {
    var hooks = [
      PlannedHook(
        hook: "parent, ingress and egress", mechanism: (features.tcx ? HookMechanism.tcx : .clsact).rawValue,
        why: features.tcx
          ? "first of all programs, and gone with the process"
          : "the kernel has no TCX; priority 1, to be the first of all filters"),
      PlannedHook(
        hook: "children and VLANs",
        mechanism: features.tcx ? "TCX link or clsact filter" : HookMechanism.clsact.rawValue,
        why: features.tcx
          ? "TCX for a few, for the busiest of many, and where others' programs would hide frames from a filter; "
            + "clsact for the rest of more than 64, or where the links' measured cost exceeds 250 ms"
          : "the kernel has no TCX"),
    ]
    if features.dropArguments != nil {
      hooks.append(
        PlannedHook(hook: "skb:kfree_skb", mechanism: "tp_btf", why: "drops of observed interfaces"))
    }
    if features.neighborTracepoints {
      hooks.append(
        PlannedHook(hook: "neigh:*", mechanism: "tp_btf", why: "neighbor states of observed interfaces"))
    }
    return hooks
  }
}
