package import BPF

/// The programs that are attached to one interface.
package struct HookPrograms: Sendable {
  package let ingress: Program
  package let egress: Program
  /// Whether other interfaces have the same: else the kernel has them no longer than their hooks.
  package let areShared: Bool
}
