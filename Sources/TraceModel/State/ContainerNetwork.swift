/// A network of a container engine that shares an interface of this host: driver macvlan or ipvlan.
public struct ContainerNetwork: Hashable, Codable, Sendable {
  /// What its engine calls it.
  public var name: String
  /// `macvlan` or `ipvlan`.
  public var driver: String
  /// The interface that was named as its parent; `nil` for one that the engine makes itself.
  public var parent: String?
  /// The mode that was asked for; `nil` for the driver's own choice.
  public var mode: String?
  /// Whether it was made to lead nowhere (`--internal`).
  public var isInternal: Bool

  /// Describes a network.
  public init(
    name: String, driver: String, parent: String? = nil, mode: String? = nil, isInternal: Bool = false
  ) {
    self.name = name
    self.driver = driver
    self.parent = parent
    self.mode = mode
    self.isInternal = isInternal
  }
}
