import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses
import SystemPackage

/// How a new macvlan shares its parent (`enum macvlan_mode`).
public enum MacvlanMode: UInt32, Sendable, CaseIterable {
  case `private` = 1
  case vepa = 2
  case bridge = 4
  case passthru = 8
  case source = 16
}

/// One end of a new interface.
public struct LinkSpecification: Sendable {
  public var name: String
  public var mac: MACAddress?
  /// Where it is put; `nil`: the socket's namespace.
  public var namespace: NetworkNamespace?

  /// Describes one end.
  public init(_ name: String, mac: MACAddress? = nil, namespace: NetworkNamespace? = nil) {
    self.name = name
    self.mac = mac
    self.namespace = namespace
  }

  /// Opens the namespace's file anew, as the kernel wants a descriptor; the caller closes it after the request.
  func namespaceFile() throws(NetlinkError) -> FileDescriptor? {
    guard let namespace else { return nil }
    do {
      return unsafe try FileDescriptor.open(namespace.path, .readOnly, options: .closeOnExec)
    } catch {
      throw NetlinkError("open \(namespace.path)", errno: error as? Errno ?? .ioError)
    }
  }

  func append(to request: inout MessageBuilder, file: FileDescriptor?) {
    request.attribute(IFLA_IFNAME, name)
    if let mac { request.attribute(IFLA_ADDRESS, mac.octets) }
    if let file { request.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: file.rawValue)) }
  }
}

/// Changes to links. macvtrace itself makes none: these are for the lab and for tests.
extension NetlinkSocket {
  private static let create = Int(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)

  private func newLink(flags: Int, ifindex: UInt32 = 0, setFlags: UInt32 = 0, change: UInt32 = 0) -> MessageBuilder {
    var request = MessageBuilder(type: RTM_NEWLINK, flags: flags)
    request.append(UInt8(AF_UNSPEC))
    request.append([UInt8](repeating: 0, count: 3))
    request.append(ifindex)
    request.append(setFlags)
    request.append(change)
    return request
  }

  /// Makes a pair of virtual Ethernet interfaces.
  public func createVeth(_ first: LinkSpecification, _ second: LinkSpecification) throws(NetlinkError) {
    let firstFile = try first.namespaceFile()
    defer { try? firstFile?.close() }
    let secondFile = try second.namespaceFile()
    defer { try? secondFile?.close() }
    var request = newLink(flags: Self.create)
    first.append(to: &request, file: firstFile)
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, "veth")
      information.nested(IFLA_INFO_DATA) { data in
        data.nested(VETH_INFO_PEER) { peer in
          peer.append([UInt8](repeating: 0, count: 16))
          second.append(to: &peer, file: secondFile)
        }
      }
    }
    try self.request(request, "create veth \(first.name)")
  }

  /// Makes a macvlan on the interface with index `parent` of the socket's namespace.
  public func createMacvlan(_ child: LinkSpecification, parent: UInt32, mode: MacvlanMode, kind: String = "macvlan")
    throws(NetlinkError)
  {
    let file = try child.namespaceFile()
    defer { try? file?.close() }
    var request = newLink(flags: Self.create)
    child.append(to: &request, file: file)
    request.attribute(IFLA_LINK, parent)
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, kind)
      information.nested(IFLA_INFO_DATA) { $0.attribute(IFLA_MACVLAN_MODE, mode.rawValue) }
    }
    try self.request(request, "create \(kind) \(child.name) in mode \(mode)")
  }

  /// Makes an 802.1Q (0x8100) or 802.1ad (0x88a8) sub-interface.
  public func createVLAN(_ link: LinkSpecification, parent: UInt32, id: VLANID, protocol: UInt16 = 0x8100)
    throws(NetlinkError)
  {
    let file = try link.namespaceFile()
    defer { try? file?.close() }
    var request = newLink(flags: Self.create)
    link.append(to: &request, file: file)
    request.attribute(IFLA_LINK, parent)
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, "vlan")
      information.nested(IFLA_INFO_DATA) { data in
        data.attribute(IFLA_VLAN_ID, id.rawValue)
        data.attribute(IFLA_VLAN_PROTOCOL, `protocol`.bigEndian)
      }
    }
    try self.request(request, "create VLAN sub-interface \(link.name)")
  }

  /// Makes a bridge, spanning tree off.
  public func createBridge(_ link: LinkSpecification) throws(NetlinkError) {
    let file = try link.namespaceFile()
    defer { try? file?.close() }
    var request = newLink(flags: Self.create)
    link.append(to: &request, file: file)
    request.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "bridge") }
    try self.request(request, "create bridge \(link.name)")
  }

  /// Changes the mode of a macvlan.
  public func setMacvlanMode(_ ifindex: UInt32, _ mode: MacvlanMode) throws(NetlinkError) {
    var request = newLink(flags: Int(NLM_F_REQUEST | NLM_F_ACK), ifindex: ifindex)
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, "macvlan")
      information.nested(IFLA_INFO_DATA) { $0.attribute(IFLA_MACVLAN_MODE, mode.rawValue) }
    }
    try self.request(request, "set macvlan mode \(mode)")
  }

  /// Allows a sender for a macvlan in source mode.
  public func addMacvlanSource(_ ifindex: UInt32, _ mac: MACAddress) throws(NetlinkError) {
    var request = newLink(flags: Int(NLM_F_REQUEST | NLM_F_ACK), ifindex: ifindex)
    request.nested(IFLA_LINKINFO) { information in
      information.attribute(IFLA_INFO_KIND, "macvlan")
      information.nested(IFLA_INFO_DATA) { data in
        data.attribute(IFLA_MACVLAN_MACADDR_MODE, UInt32(MACVLAN_MACADDR_ADD.rawValue))
        data.attribute(IFLA_MACVLAN_MACADDR, mac.octets)
      }
    }
    try self.request(request, "allow source \(mac)")
  }

  /// Sets an interface administratively up or down.
  public func setUp(_ ifindex: UInt32, _ up: Bool) throws(NetlinkError) {
    try request(
      newLink(flags: Int(NLM_F_REQUEST | NLM_F_ACK), ifindex: ifindex, setFlags: up ? 1 : 0, change: 1),
      "set interface index \(ifindex) \(up ? "up" : "down")")
  }

  /// Sets or clears IFF_PROMISC.
  public func setPromiscuous(_ ifindex: UInt32, _ promiscuous: Bool) throws(NetlinkError) {
    try request(
      newLink(
        flags: Int(NLM_F_REQUEST | NLM_F_ACK), ifindex: ifindex, setFlags: promiscuous ? 0x100 : 0, change: 0x100),
      "set interface index \(ifindex) promiscuous")
  }

  /// Makes an interface a port of a bridge; 0 takes it out.
  public func setMaster(_ ifindex: UInt32, _ master: UInt32) throws(NetlinkError) {
    var request = newLink(flags: Int(NLM_F_REQUEST | NLM_F_ACK), ifindex: ifindex)
    request.attribute(IFLA_MASTER, master)
    try self.request(request, "set the master of interface index \(ifindex)")
  }

  /// Lets a bridge port send a frame back to where it came from (reflective relay).
  public func setHairpin(_ ifindex: UInt32, _ hairpin: Bool) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_SETLINK, flags: Int(NLM_F_REQUEST | NLM_F_ACK))
    request.append(UInt8(AF_BRIDGE))
    request.append([UInt8](repeating: 0, count: 3))
    request.append(ifindex)
    request.append([UInt8](repeating: 0, count: 8))
    request.nested(IFLA_PROTINFO | 0x8000) { $0.attribute(IFLA_BRPORT_MODE, UInt8(hairpin ? 1 : 0)) }
    try self.request(request, "set hairpin of interface index \(ifindex)")
  }

  /// Deletes an interface.
  public func delete(_ ifindex: UInt32) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_DELLINK, flags: Int(NLM_F_REQUEST | NLM_F_ACK))
    request.append([UInt8](repeating: 0, count: 4))
    request.append(ifindex)
    request.append([UInt8](repeating: 0, count: 8))
    try self.request(request, "delete interface index \(ifindex)")
  }

  /// Gives an interface an address.
  public func addAddress(_ ifindex: UInt32, _ prefix: IPPrefix) throws(NetlinkError) {
    var request = MessageBuilder(type: RTM_NEWADDR, flags: Self.create)
    request.append(UInt8(prefix.address.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(prefix.length))
    // A lab's addresses are its own: no duplicate address detection, which would delay IPv6 by a second.
    request.append(UInt8(prefix.address.isIPv4 ? 0 : IFA_F_NODAD))
    request.append(UInt8(0))
    request.append(ifindex)
    request.attribute(IFA_LOCAL, prefix.address.octets)
    request.attribute(IFA_ADDRESS, prefix.address.octets)
    if case .v4(let value) = prefix.address, prefix.length < 31 {
      let broadcast = IPAddress.v4(value | (UInt32.max >> UInt32(prefix.length)))
      request.attribute(IFA_BROADCAST, broadcast.octets)
    }
    try self.request(request, "add address \(prefix)")
  }

  /// Adds a route by a gateway or by an interface.
  public func addRoute(to destination: IPPrefix, gateway: IPAddress? = nil, ifindex: UInt32? = nil)
    throws(NetlinkError)
  {
    var request = MessageBuilder(type: RTM_NEWROUTE, flags: Self.create)
    request.append(UInt8(destination.address.isIPv4 ? AF_INET : AF_INET6))
    request.append(UInt8(destination.length))
    request.append([UInt8](repeating: 0, count: 2))
    request.append(UInt8(RT_TABLE_MAIN.rawValue))
    request.append(UInt8(RTPROT_STATIC))
    request.append(UInt8(gateway == nil ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue))
    request.append(UInt8(RTN_UNICAST))
    request.append(UInt32(0))
    request.attribute(Int(RTA_DST.rawValue), destination.network.octets)
    if let gateway { request.attribute(Int(RTA_GATEWAY.rawValue), gateway.octets) }
    if let ifindex { request.attribute(Int(RTA_OIF.rawValue), ifindex) }
    try self.request(request, "add route to \(destination)")
  }
}
