import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses

/// Changes to links, for the lab and for tests: macvtrace itself makes none.
///
/// Each throws `ENODEV` where there is no interface of that number.
extension NetlinkSocket {
  /// Sets an interface administratively up or down.
  public func setUp(_ ifindex: UInt32, _ isUp: Bool) throws(NetlinkError) {
    try setFlag(0x1, ifindex, isUp, "set interface number \(ifindex) \(isUp ? "up" : "down")")
  }

  /// Sets or clears IFF_PROMISC.
  public func setPromiscuous(_ ifindex: UInt32, _ isPromiscuous: Bool) throws(NetlinkError) {
    let state = isPromiscuous ? "on" : "off"
    try setFlag(0x100, ifindex, isPromiscuous, "set interface number \(ifindex) promiscuous \(state)")
  }

  /// Gives an interface another hardware address.
  public func setMAC(_ ifindex: UInt32, _ mac: MACAddress) throws(NetlinkError) {
    try change(ifindex, "give interface number \(ifindex) the address \(mac)") {
      $0.attribute(IFLA_ADDRESS, mac.octets)
    }
  }

  /// Sets the longest packet of an interface, in octets without the Ethernet header.
  public func setMTU(_ ifindex: UInt32, _ mtu: UInt32) throws(NetlinkError) {
    try change(ifindex, "set the MTU of interface number \(ifindex) to \(mtu)") {
      $0.attribute(IFLA_MTU, mtu)
    }
  }

  /// Gives an interface another name; before Linux 6.2 it has to be down.
  public func rename(_ ifindex: UInt32, to name: String) throws(NetlinkError) {
    try change(ifindex, "rename interface number \(ifindex) to \(name)") { $0.attribute(IFLA_IFNAME, name) }
  }

  /// Puts an interface into another namespace, where it is down and without addresses.
  public func move(_ ifindex: UInt32, to namespace: NetworkNamespace) throws(NetlinkError) {
    try change(ifindex, "move interface number \(ifindex) to network namespace \(namespace.path)") {
      $0.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: namespace.fileDescriptor))
    }
    // The descriptor has to be open until the kernel has answered.
    withExtendedLifetime(namespace) {}
  }

  /// Makes an interface a port of a bridge; 0 takes it out.
  public func setMaster(_ ifindex: UInt32, _ master: UInt32) throws(NetlinkError) {
    try change(ifindex, "make interface number \(ifindex) a port of number \(master)") {
      $0.attribute(IFLA_MASTER, master)
    }
  }

  /// Lets a bridge's port send a frame back to where it came from (reflective relay).
  public func setHairpin(_ ifindex: UInt32, _ isHairpin: Bool) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_SETLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(family: AF_BRIDGE, ifindex)
    // Without NLA_F_NESTED the kernel takes it for the old form, one octet of port state.
    request.nested(IFLA_PROTINFO | 0x8000) { $0.attribute(IFLA_BRPORT_MODE, UInt8(isHairpin ? 1 : 0)) }
    try self.request(request, "set hairpin \(isHairpin ? "on" : "off") for interface number \(ifindex)")
  }

  /// Changes the mode of a macvlan.
  ///
  /// Into and out of passthru the kernel refuses (`EINVAL`).
  public func setMacvlanMode(_ ifindex: UInt32, _ mode: MacvlanMode) throws(NetlinkError) {
    try changeMacvlan(ifindex, "set macvlan number \(ifindex) to mode \(mode)") {
      $0.attribute(IFLA_MACVLAN_MODE, mode.rawValue)
    }
  }

  /// Allows a sender for a macvlan in source mode.
  public func addMacvlanSource(_ ifindex: UInt32, _ mac: MACAddress) throws(NetlinkError) {
    try changeMacvlan(ifindex, "allow \(mac) for macvlan number \(ifindex)") {
      $0.attribute(IFLA_MACVLAN_MACADDR_MODE, UInt32(MACVLAN_MACADDR_ADD.rawValue))
      $0.attribute(IFLA_MACVLAN_MACADDR, mac.octets)
    }
  }

  /// Takes a sender off the list of a macvlan in source mode.
  public func deleteMacvlanSource(_ ifindex: UInt32, _ mac: MACAddress) throws(NetlinkError) {
    try changeMacvlan(ifindex, "disallow \(mac) for macvlan number \(ifindex)") {
      $0.attribute(IFLA_MACVLAN_MACADDR_MODE, UInt32(MACVLAN_MACADDR_DEL.rawValue))
      $0.attribute(IFLA_MACVLAN_MACADDR, mac.octets)
    }
  }

  private func setFlag(_ flag: UInt32, _ ifindex: UInt32, _ isSet: Bool, _ what: String) throws(NetlinkError)
  {
    var request = MessageBuilder(type: RTM_NEWLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(ifindex, flags: isSet ? flag : 0, change: flag)
    try self.request(request, what)
  }

  private func change(_ ifindex: UInt32, _ what: String, _ body: (inout MessageBuilder) -> Void)
    throws(NetlinkError)
  {
    var request = MessageBuilder(type: RTM_NEWLINK, flags: NLM_F_REQUEST | NLM_F_ACK)
    request.appendLinkHeader(ifindex)
    body(&request)
    try self.request(request, what)
  }

  private func changeMacvlan(_ ifindex: UInt32, _ what: String, _ body: (inout MessageBuilder) -> Void)
    throws(NetlinkError)
  {
    try change(ifindex, what) { request in
      request.nested(IFLA_LINKINFO) { information in
        information.attribute(IFLA_INFO_KIND, "macvlan")
        information.nested(IFLA_INFO_DATA, body)
      }
    }
  }
}
