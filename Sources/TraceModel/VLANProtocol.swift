/// The EtherType of a VLAN sub-interface's tags, by the standard that defines it.
public enum VLANProtocol: String, Codable, Sendable {
  /// 0x8100, the customer tag.
  case ieee8021Q = "802.1Q"
  /// 0x88a8, the service tag, which goes before another (QinQ).
  case ieee8021ad = "802.1ad"

  /// Reads `IFLA_VLAN_PROTOCOL`; `nil` for what is neither.
  public init?(etherType: UInt16) {
    switch etherType {
    case 0x8100: self = .ieee8021Q
    case 0x88a8: self = .ieee8021ad
    default: return nil
    }
  }
}
