/// What became of a parent that left the namespace in which it was observed.
public struct DepartedParent: Hashable, Codable, Sendable {
  /// The interface where it is now, as that namespace describes it; `nil` for one that is nowhere on this machine.
  public var interface: Interface?
  /// The name under /run/netns of the namespace where it is now.
  public var netnsName: String?
  /// A process of that namespace.
  public var pid: Int32?
  /// The children that are still there.
  public var survivors: [InterfaceID]

  /// States what became of it.
  public init(
    interface: Interface? = nil, netnsName: String? = nil, pid: Int32? = nil, survivors: [InterfaceID] = []
  ) {
    self.interface = interface
    self.netnsName = netnsName
    self.pid = pid
    self.survivors = survivors
  }
}
