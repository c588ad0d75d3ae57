public import NetworkAddresses

/// What a namespace's kernel is to be asked: by which way it would send.
public struct RouteQuestion: Hashable, Sendable {
  /// The inode of the namespace that is to be asked.
  public var namespace: UInt64
  /// Whom a packet would be for.
  public var destination: IPAddress
  /// The address that it would have; `nil`: the one that the route gives it.
  public var source: IPAddress?

  /// Puts a question.
  public init(namespace: UInt64, destination: IPAddress, source: IPAddress? = nil) {
    self.namespace = namespace
    self.destination = destination
    self.source = source
  }
}
