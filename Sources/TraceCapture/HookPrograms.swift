package import BPF

/// The programs that are attached to one interface.
package struct HookPrograms: Sendable {
  package let ingress: Program
  package let egress: Program
}
