public import NetworkAddresses

/// A change of a neighbor entry's state, as the kernel made it.
public struct NeighborEvent: Hashable, Codable, Sendable {
  /// Nanoseconds of CLOCK_MONOTONIC.
  public var time: UInt64
  /// The interface whose neighbor it is.
  public var interface: InterfaceID
  /// The neighbor's address.
  public var address: IPAddress
  /// The neighbor's MAC address; `nil` while it is not resolved.
  public var mac: MACAddress?
  /// The state that the entry changed to.
  public var state: NeighborState

  /// Makes a neighbor event.
  public init(
    time: UInt64, interface: InterfaceID, address: IPAddress, mac: MACAddress?, state: NeighborState
  ) {
    self.time = time
    self.interface = interface
    self.address = address
    self.mac = mac
    self.state = state
  }
}
