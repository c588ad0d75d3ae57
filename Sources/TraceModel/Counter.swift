public import NetworkAddresses

/// Frames of one kind through one hook: exact, and those of the wire.
public struct Counter: Hashable, Sendable {
  /// Where it was counted.
  public var interface: InterfaceID
  /// Which way the frames went there.
  public var direction: Direction
  /// The outer VLAN ID on the wire; `nil` for untagged frames.
  public var vlan: VLANID?
  /// The outer tag's protocol; `nil` for untagged frames.
  public var vlanProtocol: VLANProtocol?
  /// The inner VLAN ID of frames with two tags; else `nil`.
  public var innerVLAN: VLANID?
  /// The source MAC address.
  public var source: MACAddress
  /// The destination MAC address.
  public var destination: MACAddress
  /// Frames on the wire: a GSO or GRO buffer counts as its segments.
  public var frames: UInt64
  /// Octets from the destination MAC to the end of the payload, tags included, FCS not.
  public var bytes: UInt64

  /// Makes a counter.
  public init(
    interface: InterfaceID, direction: Direction, vlan: VLANID? = nil,
    vlanProtocol: VLANProtocol? = nil, innerVLAN: VLANID? = nil,
    source: MACAddress, destination: MACAddress, frames: UInt64, bytes: UInt64
  ) {
    self.interface = interface
    self.direction = direction
    self.vlan = vlan
    self.vlanProtocol = vlan == nil ? nil : vlanProtocol ?? .ieee8021Q
    self.innerVLAN = innerVLAN
    self.source = source
    self.destination = destination
    self.frames = frames
    self.bytes = bytes
  }

  /// The hook that counted.
  public var hook: Hook { Hook(interface, direction) }
}

extension Counter: Codable {
  private enum CodingKeys: String, CodingKey {
    case interface, direction, vlan
    case vlanProtocol = "vlan_protocol"
    case innerVLAN = "inner_vlan"
    case source, destination, frames, bytes
  }

  /// Writes the JSON contract's form, in which an absent tag is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(interface, forKey: .interface)
    try values.encode(direction, forKey: .direction)
    try values.encode(vlan, forKey: .vlan)
    try values.encode(vlanProtocol, forKey: .vlanProtocol)
    try values.encode(innerVLAN, forKey: .innerVLAN)
    try values.encode(source, forKey: .source)
    try values.encode(destination, forKey: .destination)
    try values.encode(frames, forKey: .frames)
    try values.encode(bytes, forKey: .bytes)
  }
}
