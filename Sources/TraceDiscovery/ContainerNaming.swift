public import TraceModel

/// Somebody who knows which container an interface belongs to.
public protocol ContainerNaming: Sendable {
  /// The containers of those of the children that belong to one.
  ///
  /// - Parameters:
  ///   - children: what has no name yet; none of them lives in the parent's own namespace.
  ///   - limitations: where to say what could not be learned; it is never an error.
  func names(for children: [Interface], limitations: inout [Degradation]) -> [InterfaceID: Container]
}
