public import NetworkAddresses

/// A frame that was sent in one VLAN to show that it comes out in no other.
public struct StrayFrame: Hashable, Codable, Sendable {
  /// What it is.
  public enum Kind: String, Codable, Sendable {
    /// An ARP request, broadcast, for an address that nobody has.
    case broadcast
    /// An unknown EtherType to a group address that nobody uses.
    case group
    /// An unknown EtherType to a MAC address that nobody has: a switch floods it.
    case unicast
    /// With a second tag, that of the other VLAN, inside: a switch that takes the first for its native one strips it.
    case doubleTagged = "double-tagged"
    /// An ARP request for the other VLAN's station: nobody in this VLAN has its address.
    case foreignAddress = "foreign-address"
  }

  /// From the VLAN that it was sent in, to the one where it would be a leak.
  public var pair: VLANPair
  /// What it is.
  public var kind: Kind
  /// Who sent it.
  public var source: MACAddress
  /// Whom it is for; everybody, of one that asks by ARP.
  public var destination: MACAddress
  /// The address that an ARP request asks for.
  public var target: IPAddress?
  /// How many were handed to the kernel.
  public var count: Int
  /// When the first was sent, in nanoseconds of CLOCK_MONOTONIC.
  public var sent: UInt64

  /// Describes a stray frame.
  public init(
    pair: VLANPair, kind: Kind, source: MACAddress, destination: MACAddress, target: IPAddress? = nil,
    count: Int, sent: UInt64
  ) {
    self.pair = pair
    self.kind = kind
    self.source = source
    self.destination = destination
    self.target = target
    self.count = count
    self.sent = sent
  }
}
