import TraceModel

/// Interfaces on which something cannot be made, as another owns their receive handler.
///
/// Nothing fails on the wire, so a finding is no more than a note: about the interface that a person named, while nothing
/// else is wrong there.
enum InterfaceTaken {
  /// Whether a note would be read: nothing was asked on purpose, and nothing failed.
  static func isQuiet(_ context: DiagnosisContext) -> Bool {
    context.observation.probeRun == nil && context.failures.isEmpty && context.explained.isEmpty
      && !context.isParentGone
  }

  /// The engine's networks that want to sit on an interface.
  static func networks(on interface: Interface, _ context: DiagnosisContext) -> [ContainerNetwork] {
    context.observation.containerNetworks.filter { $0.parent == interface.name }
  }

  /// What cannot sit on an interface, with the kernel's error, in a sentence.
  static func restriction(on interface: Interface, _ context: DiagnosisContext) -> Evidence? {
    context.topology.childRestrictions.first { $0.interface == interface.id }.map {
      Evidence(.state, $0.text)
    }
  }

  /// The parent and the VLANs on it.
  static func lowers(_ context: DiagnosisContext) -> [Interface] {
    context.topology.interfaces.filter { context.isLower($0.id) }
  }
}
