import CLinux
import Glibc
public import NetworkAddresses

/// New links, for the lab and for tests: macvtrace itself makes none.
///
/// Each throws `EEXIST` where the name is taken and `EOPNOTSUPP` where the kernel has no such kind.
extension NetlinkSocket {
  /// Makes a pair of virtual Ethernet interfaces: what goes into one comes out of the other.
  public func createVeth(_ first: LinkSpecification, _ second: LinkSpecification) throws(NetlinkError) {
    try create(first, kind: "veth") { data in
      data.nested(VETH_INFO_PEER) { peer in
        peer.appendZeros(16)
        second.append(to: &peer)
      }
    }
    // The descriptor in it has to be open until the kernel has answered.
    withExtendedLifetime(second) {}
  }

  /// Makes a macvlan, or with `kind` "macvtap" its variant for virtual machines.
  ///
  /// - Parameter parent: the number of an interface of the socket's namespace.
  public func createMacvlan(
    _ child: LinkSpecification, parent: UInt32, mode: MacvlanMode, kind: String = "macvlan"
  ) throws(NetlinkError) {
    try create(child, kind: kind, on: parent) { $0.attribute(IFLA_MACVLAN_MODE, mode.rawValue) }
  }

  /// Makes an 802.1Q (0x8100) or 802.1ad (0x88a8) sub-interface.
  public func createVLAN(
    _ link: LinkSpecification, parent: UInt32, id: VLANID, protocol: UInt16 = 0x8100
  ) throws(NetlinkError) {
    try create(link, kind: "vlan", on: parent) { data in
      data.attribute(IFLA_VLAN_ID, id.rawValue)
      data.attribute(IFLA_VLAN_PROTOCOL, `protocol`.bigEndian)
    }
  }

  /// Makes a bridge, spanning tree off, as is the kernel's default.
  public func createBridge(_ link: LinkSpecification) throws(NetlinkError) {
    try create(link, kind: "bridge")
  }

  /// Deletes an interface, and with it its children and, of a pair, the other end.
  public func delete(_ ifindex: UInt32) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_DELLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(ifindex)
    try self.request(request, "delete interface number \(ifindex)")
  }

  private func create(
    _ link: LinkSpecification, kind: String, on parent: UInt32? = nil,
    _ data: ((inout MessageBuilder) -> Void)? = nil
  ) throws(NetlinkError) {
    var request = MessageBuilder(
      type: RTM_NEWLINK, flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
    request.appendLinkHeader(0)
    link.append(to: &request)
    if let parent { request.attribute(IFLA_LINK, parent) }
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, kind)
      if let data { information.nested(IFLA_INFO_DATA, data) }
    }
    try self.request(request, "create \(kind) \(link.name)")
    withExtendedLifetime(link) {}
  }
}

extension MessageBuilder {
  /// Appends `struct ifinfomsg` that sets those of `flags` (IFF_*) which `change` names.
  mutating func appendLinkHeader(
    family: Int32 = AF_UNSPEC, _ ifindex: UInt32, flags: UInt32 = 0, change: UInt32 = 0
  ) {
    append(UInt8(truncatingIfNeeded: family))
    appendZeros(3)
    append(ifindex)
    append(flags)
    append(change)
  }
}
