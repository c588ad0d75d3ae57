public import NetworkAddresses

/// An ordered pair of VLANs: who sends, and who is sent to.
public struct VLANPair: Hashable, Codable, Sendable, Comparable {
  /// The VLAN that sends.
  public var from: VLANID
  /// The VLAN that is sent to.
  public var to: VLANID

  /// Names a pair.
  public init(_ from: VLANID, _ to: VLANID) {
    self.from = from
    self.to = to
  }

  /// The other way.
  public var reversed: VLANPair { VLANPair(to, from) }

  /// Every ordered pair of different ones, in their order.
  public static func all(of vlans: [VLANID]) -> [VLANPair] {
    vlans.flatMap { from in vlans.filter { $0 != from }.map { VLANPair(from, $0) } }
  }

  /// Orders by the sender, then by the receiver.
  public static func < (left: VLANPair, right: VLANPair) -> Bool {
    (left.from.rawValue, left.to.rawValue) < (right.from.rawValue, right.to.rawValue)
  }
}
