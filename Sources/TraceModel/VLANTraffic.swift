public import NetworkAddresses

/// What one VLAN carried at an interface, and which device takes its frames.
public struct VLANTraffic: Hashable, Sendable {
  /// Who takes the frames.
  public enum Handling: String, Codable, Sendable {
    /// A VLAN sub-interface of that ID and protocol.
    case subinterface
    /// None has that ID and protocol: the interface's stack drops the frames, and its children's do.
    case unknown
    /// The interface itself: the frames carry no tag, or a priority tag (VID 0, IEEE 802.1Q clause 6.9).
    case untagged
  }

  /// Where the tags were seen.
  public var interface: InterfaceID
  /// The outer VLAN ID; `nil` for untagged frames.
  public var vlan: VLANID?
  /// The outer tag's protocol; `nil` for untagged frames.
  public var vlanProtocol: VLANProtocol?
  /// The inner VLAN ID of frames with two tags.
  public var innerVLAN: VLANID?
  /// Who takes the frames.
  public var handling: Handling
  /// The sub-interface that takes them; for frames with two tags the upper one.
  public var device: InterfaceID?
  /// Frames received with these tags.
  public var framesIn: UInt64 = 0
  /// Their octets, tags included.
  public var bytesIn: UInt64 = 0
  /// Frames sent with these tags.
  public var framesOut: UInt64 = 0
  /// Their octets, tags included.
  public var bytesOut: UInt64 = 0
}

extension VLANTraffic: Codable {
  private enum CodingKeys: String, CodingKey {
    case interface, vlan
    case vlanProtocol = "vlan_protocol"
    case innerVLAN = "inner_vlan"
    case handling, device
    case framesIn = "frames_in"
    case bytesIn = "bytes_in"
    case framesOut = "frames_out"
    case bytesOut = "bytes_out"
  }

  /// Writes the JSON form, in which an absent tag or device is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(interface, forKey: .interface)
    try values.encode(vlan, forKey: .vlan)
    try values.encode(vlanProtocol, forKey: .vlanProtocol)
    try values.encode(innerVLAN, forKey: .innerVLAN)
    try values.encode(handling, forKey: .handling)
    try values.encode(device, forKey: .device)
    try values.encode(framesIn, forKey: .framesIn)
    try values.encode(bytesIn, forKey: .bytesIn)
    try values.encode(framesOut, forKey: .framesOut)
    try values.encode(bytesOut, forKey: .bytesOut)
  }
}

extension Topology {
  /// The parent's frames by VLAN, untagged ones first; empty where no tag was seen and no sub-interface is there.
  ///
  /// A sub-interface without a frame is in it, too: that nothing came says something.
  public func vlanTraffic(of counters: [Counter]) -> [VLANTraffic] {
    var traffic: [TagPair: VLANTraffic] = [:]
    for device in interfaces where device.kind == .vlan && device.parent == parent {
      let tags = TagPair(vlan: device.vlan, vlanProtocol: device.vlanProtocol)
      traffic[tags] = entry(tags)
    }
    for counter in counters where counter.interface == parent {
      let tags = TagPair(counter)
      var sum = traffic[tags] ?? entry(tags)
      if counter.direction == .ingress {
        sum.framesIn &+= counter.frames
        sum.bytesIn &+= counter.bytes
      } else {
        sum.framesOut &+= counter.frames
        sum.bytesOut &+= counter.bytes
      }
      traffic[tags] = sum
    }
    guard traffic.keys.contains(where: { $0.vlan != nil }) else { return [] }
    return traffic.sorted { $0.key < $1.key }.map(\.value)
  }

  private func entry(_ tags: TagPair) -> VLANTraffic {
    let device = subinterface(of: tags)
    let isUntagged = tags.vlan == nil || tags.vlan?.isPriorityTag == true
    return VLANTraffic(
      interface: parent, vlan: tags.vlan, vlanProtocol: tags.vlanProtocol, innerVLAN: tags.innerVLAN,
      handling: isUntagged ? .untagged : device == nil ? .unknown : .subinterface, device: device)
  }

  /// The sub-interface that takes frames with these tags. The inner one's protocol is not counted by: its ID decides.
  private func subinterface(of tags: TagPair) -> InterfaceID? {
    let outer = interfaces.first {
      $0.kind == .vlan && $0.parent == parent && $0.vlan == tags.vlan && $0.vlanProtocol == tags.vlanProtocol
    }
    guard let inner = tags.innerVLAN, let outer else { return outer?.id }
    return interfaces.first { $0.kind == .vlan && $0.parent == outer.id && $0.vlan == inner }?.id
  }
}

/// The tags of a frame.
private struct TagPair: Hashable, Comparable {
  var vlan: VLANID?
  var vlanProtocol: VLANProtocol?
  var innerVLAN: VLANID?

  init(vlan: VLANID?, vlanProtocol: VLANProtocol?) {
    self.vlan = vlan
    self.vlanProtocol = vlan == nil ? nil : vlanProtocol ?? .ieee8021Q
  }

  init(_ counter: Counter) {
    self.init(vlan: counter.vlan, vlanProtocol: counter.vlanProtocol)
    innerVLAN = counter.innerVLAN
  }

  private var order: [UInt16] {
    [
      vlan.map { $0.rawValue + 1 } ?? 0, vlanProtocol == .ieee8021ad ? 1 : 0,
      innerVLAN.map { $0.rawValue + 1 } ?? 0,
    ]
  }

  static func < (left: TagPair, right: TagPair) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}
