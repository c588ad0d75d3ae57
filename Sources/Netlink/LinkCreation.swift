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
  /// Throws `EBUSY` where something else owns the parent's receive handler, and `EINVAL` beside a child in passthru
  /// mode (macvlan_common_newlink in drivers/net/macvlan.c).
  ///
  /// - Parameter parent: the number of an interface of the socket's namespace.
  public func createMacvlan(
    _ child: LinkSpecification, parent: UInt32, mode: MacvlanMode, kind: String = "macvlan",
    options: MacvlanOptions = MacvlanOptions()
  ) throws(NetlinkError) {
    try create(child, kind: kind, on: parent) { data in
      data.attribute(IFLA_MACVLAN_MODE, mode.rawValue)
      options.append(to: &data)
    }
  }

  /// Makes an ipvlan: a child that shares its parent's MAC address and is told apart by its addresses.
  ///
  /// Throws `EBUSY` where something else owns the parent's receive handler. Mode and flags are those of the parent:
  /// they become those of its other children, too.
  ///
  /// - Parameters:
  ///   - parent: the number of an interface of the socket's namespace.
  ///   - flags: `IFLA_IPVLAN_FLAGS`: 1 private, 2 VEPA.
  public func createIpvlan(_ child: LinkSpecification, parent: UInt32, mode: IpvlanMode, flags: UInt16 = 0)
    throws(NetlinkError)
  {
    try create(child, kind: "ipvlan", on: parent) { data in
      data.attribute(IFLA_IPVLAN_MODE, mode.rawValue)
      if flags != 0 { data.attribute(IFLA_IPVLAN_FLAGS, flags) }
    }
  }

  /// Makes an 802.1Q (0x8100) or 802.1ad (0x88a8) sub-interface.
  ///
  /// - Parameter flags: `IFLA_VLAN_FLAGS`: 1 REORDER_HDR, 2 GVRP, 4 LOOSE_BINDING, 8 MVRP; `nil`: the kernel's default,
  ///   REORDER_HDR.
  public func createVLAN(
    _ link: LinkSpecification, parent: UInt32, id: VLANID, protocol: UInt16 = 0x8100, flags: UInt32? = nil
  ) throws(NetlinkError) {
    try create(link, kind: "vlan", on: parent) { data in
      data.attribute(IFLA_VLAN_ID, id.rawValue)
      data.attribute(IFLA_VLAN_PROTOCOL, `protocol`.bigEndian)
      guard let flags else { return }
      // struct ifla_vlan_flags: the values, and which are meant; one that the kernel does not know it refuses.
      data.nested(IFLA_VLAN_FLAGS) {
        $0.append(flags)
        $0.append(UInt32(0xf))
      }
    }
  }

  /// Makes a bridge, spanning tree off, as is the kernel's default.
  ///
  /// - Parameter filtersVLANs: whether it tells VLANs apart; throws `EOPNOTSUPP` on a kernel without
  ///   CONFIG_BRIDGE_VLAN_FILTERING. Each port then carries VLAN 1 untagged.
  public func createBridge(_ link: LinkSpecification, filtersVLANs: Bool = false) throws(NetlinkError) {
    try create(link, kind: "bridge") { data in
      if filtersVLANs { data.attribute(IFLA_BR_VLAN_FILTERING, UInt8(1)) }
    }
  }

  /// Makes a bond of ports that `setMaster` adds, which have to be down then.
  ///
  /// - Parameter mode: `BOND_MODE_*` in include/uapi/linux/if_bonding.h: 0 round robin, 1 active backup.
  public func createBond(_ link: LinkSpecification, mode: UInt8) throws(NetlinkError) {
    try create(link, kind: "bond") { $0.attribute(IFLA_BOND_MODE, mode) }
  }

  /// Deletes an interface, and with it its children and, of a pair, the other end.
  public func delete(_ ifindex: UInt32) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_DELLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(ifindex)
    try self.request(request, "delete interface number \(ifindex)")
  }

  private func create(
    _ link: LinkSpecification, kind: String, on parent: UInt32? = nil,
    _ data: (inout MessageBuilder) -> Void
  ) throws(NetlinkError) {
    var request = MessageBuilder(
      type: RTM_NEWLINK, flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
    request.appendLinkHeader(0)
    link.append(to: &request)
    if let parent { request.attribute(IFLA_LINK, parent) }
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, kind)
      information.nested(IFLA_INFO_DATA, data)
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
