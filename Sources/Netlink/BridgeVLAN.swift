import CLinux
import Glibc
public import NetworkAddresses

/// A VLAN that a bridge's port carries (`struct bridge_vlan_info` in include/uapi/linux/if_bridge.h).
public struct BridgeVLAN: Hashable, Sendable {
  /// Its number.
  public var id: VLANID
  /// Whether untagged frames that come in belong to it; of a port's VLANs at most one.
  public var isPVID: Bool
  /// Whether its frames go out without a tag.
  public var isUntagged: Bool

  /// Describes a VLAN of a port; tagged both ways by default, as on a trunk.
  public init(_ id: VLANID, isPVID: Bool = false, isUntagged: Bool = false) {
    self.id = id
    self.isPVID = isPVID
    self.isUntagged = isUntagged
  }

  /// `IFLA_BRIDGE_VLAN_INFO`.
  fileprivate static let attribute = Int(CLINUX_IFLA_BRIDGE_VLAN_INFO.rawValue)

  fileprivate init?(_ octets: Octets) {
    guard let flags = octets.integer(at: 0, as: UInt16.self),
      let number = octets.integer(at: 2, as: UInt16.self),
      let id = VLANID(number)
    else { return nil }
    self.init(id, isPVID: flags & 0x2 != 0, isUntagged: flags & 0x4 != 0)
  }

  fileprivate func append(to request: inout MessageBuilder) {
    request.nested(Self.attribute) {
      $0.append(UInt16((isPVID ? 0x2 : 0) | (isUntagged ? 0x4 : 0)))
      $0.append(id.rawValue)
    }
  }
}

extension NetlinkSocket {
  /// The VLANs of every bridge and bridge port of the namespace, by its number.
  ///
  /// Empty where the kernel's bridges do not tell VLANs apart.
  public func bridgeVLANs() throws(NetlinkError) -> [UInt32: [BridgeVLAN]] {
    var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP)
    request.appendLinkHeader(family: AF_BRIDGE, 0)
    request.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_BRVLAN))
    let entries = try dump(request, "list the bridges' VLANs") { message -> (UInt32, [BridgeVLAN])? in
      guard let ifindex = message.payload.integer(at: 4, as: UInt32.self),
        let attributes = message.attributes(behind: 16)?.nested(IFLA_AF_SPEC)
      else { return nil }
      let vlans = attributes.list.filter { $0.type == BridgeVLAN.attribute }
      return (ifindex, vlans.compactMap { BridgeVLAN($0.value) })
    }
    return Dictionary(entries.filter { !$0.1.isEmpty }) { $0 + $1 }
  }

  /// Lets a bridge's port carry a VLAN, or changes how it does.
  public func addPortVLAN(_ ifindex: UInt32, _ vlan: BridgeVLAN) throws(NetlinkError) {
    try changePortVLAN(RTM_SETLINK, ifindex, vlan, "let interface number \(ifindex) carry VLAN \(vlan.id)")
  }

  /// Takes a VLAN off a bridge's port.
  public func deletePortVLAN(_ ifindex: UInt32, _ id: VLANID) throws(NetlinkError) {
    try changePortVLAN(
      RTM_DELLINK, ifindex, BridgeVLAN(id), "take VLAN \(id) off interface number \(ifindex)")
  }

  private func changePortVLAN(_ type: Int, _ ifindex: UInt32, _ vlan: BridgeVLAN, _ what: String)
    throws(NetlinkError)
  {
    var request = MessageBuilder(type: type, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(family: AF_BRIDGE, ifindex)
    request.nested(IFLA_AF_SPEC) { vlan.append(to: &$0) }
    try self.request(request, what)
  }
}
