/// A shell command that changes a lab once it stands.
public struct LabStep: Sendable {
  /// The namespace in which it runs, without the lab's prefix.
  public let namespace: String
  /// What `sh -c` takes; `$prefix` is what stands before the names of the lab's namespaces. Whatever it leaves running
  /// has to end by itself.
  public let command: String

  init(_ namespace: String, _ command: String) {
    self.namespace = namespace
    self.command = command
  }
}
