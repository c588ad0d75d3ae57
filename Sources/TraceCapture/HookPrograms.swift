package import BPF
import CMacvtraceABI

/// The programs that are attached to one interface: copies of `count_frame` in bpf/frames.bpf.c, which each know
/// their hook's number.
///
/// One program for all hooks could only tell them apart by the interface index, which repeats across namespaces.
package struct HookPrograms: Sendable {
  package let ingress: Program
  package let egress: Program

  /// Loads both for the interface whose ingress hook has that number; egress has the next.
  package init(ingressHook: UInt16, from programs: FramePrograms) throws(BPFError) {
    ingress = try Self.load(hook: ingressHook, name: "macvtrace_in", programs.count)
    egress = try Self.load(hook: ingressHook + 1, name: "macvtrace_out", programs.count)
  }

  private static func load(hook: UInt16, name: String, _ template: ProgramTemplate) throws(BPFError)
    -> Program
  {
    try template.load(
      replacing: Int32(MVT_HOOK_PLACEHOLDER.rawValue), by: Int32(hook), name: name)
  }
}
