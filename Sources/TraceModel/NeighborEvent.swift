public import NetworkAddresses

/// A change of a neighbor entry's state, as the kernel made it.
public struct NeighborEvent: Hashable, Codable, Sendable {
  /// Nanoseconds of CLOCK_MONOTONIC.
  public var time: UInt64
  public var interface: InterfaceID
  public var address: IPAddress
  public var mac: MACAddress?
  public var state: NeighborState

  /// Makes a neighbor event.
  public init(time: UInt64, interface: InterfaceID, address: IPAddress, mac: MACAddress?, state: NeighborState) {
    self.time = time
    self.interface = interface
    self.address = address
    self.mac = mac
    self.state = state
  }
}
