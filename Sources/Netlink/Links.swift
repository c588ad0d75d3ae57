import CLinux
import Glibc
public import LinuxNamespaces
public import NetworkAddresses
import SystemPackage

/// The kernel's own counters of a link (`struct rtnl_link_stats64`).
public struct LinkStatistics: Hashable, Sendable {
  public var receivedPackets: UInt64
  public var sentPackets: UInt64
  public var receivedBytes: UInt64
  public var sentBytes: UInt64
  public var receiveErrors: UInt64
  public var sendErrors: UInt64
  public var receiveDropped: UInt64
  public var sendDropped: UInt64
  /// Packets for another host's MAC address; `nil` before Linux 5.19.
  public var receivedForOtherHost: UInt64?
}

/// A network interface (`RTM_NEWLINK`).
public struct Link: Hashable, Sendable {
  public var ifindex: UInt32
  public var name: String
  /// `IFLA_INFO_KIND`, e.g. `macvlan`; empty for a physical device.
  public var kind = ""
  /// ARPHRD_*: 1 is Ethernet.
  public var hardwareType: UInt16
  /// IFF_*.
  public var flags: UInt32
  public var mac: MACAddress?
  public var mtu: UInt32 = 0
  /// `IFLA_LINK`: the index of the interface below, in the namespace of `linkNamespaceID`.
  public var link: UInt32?
  /// `IFLA_LINK_NETNSID`: what this namespace calls the one of `link`; `nil` when it is the same.
  public var linkNamespaceID: Int32?
  public var master: UInt32?
  /// `IFLA_CARRIER`.
  public var carrier = false
  /// IF_OPER_* (RFC 2863): 6 is up.
  public var operationalState: UInt8 = 0
  /// `IFLA_PROMISCUITY`: how many users want every frame.
  public var promiscuity: UInt32 = 0
  public var statistics: LinkStatistics?

  /// `IFLA_MACVLAN_MODE` (`enum macvlan_mode`).
  public var macvlanMode: UInt32?
  /// `IFLA_MACVLAN_FLAGS`.
  public var macvlanFlags: UInt16 = 0
  /// `IFLA_MACVLAN_MACADDR_DATA`: who may send to a child in source mode.
  public var macvlanSources: [MACAddress] = []
  /// `IFLA_IPVLAN_MODE`: 0 l2, 1 l3, 2 l3s.
  public var ipvlanMode: UInt16?
  public var vlanID: VLANID?
  /// 0x8100 or 0x88a8.
  public var vlanProtocol: UInt16?

  /// IFF_UP.
  public var isUp: Bool { flags & 1 != 0 }
  /// IFF_PROMISC.
  public var isPromiscuous: Bool { flags & 0x100 != 0 }
  /// IFF_LOOPBACK.
  public var isLoopback: Bool { flags & 8 != 0 }

  /// Reads `struct ifinfomsg` and the attributes behind it; `nil` when it is cut off.
  init?(_ payload: Octets) {
    guard let hardwareType = payload.integer(at: 2, as: UInt16.self),
      let index = payload.integer(at: 4, as: Int32.self), let flags = payload.integer(at: 8, as: UInt32.self),
      payload.count >= 16
    else { return nil }
    let attributes = Attributes(payload.dropping(16))
    self.hardwareType = hardwareType
    self.flags = flags
    ifindex = UInt32(bitPattern: index)
    name = attributes[IFLA_IFNAME]?.text ?? ""
    mac = attributes[IFLA_ADDRESS].flatMap { MACAddress(octets: $0.slice) }
    mtu = attributes.integer(IFLA_MTU) ?? 0
    link = attributes.integer(IFLA_LINK)
    linkNamespaceID = attributes.integer(IFLA_LINK_NETNSID)
    master = attributes.integer(IFLA_MASTER)
    carrier = attributes.integer(IFLA_CARRIER, as: UInt8.self) == 1
    operationalState = attributes.integer(IFLA_OPERSTATE) ?? 0
    promiscuity = attributes.integer(IFLA_PROMISCUITY) ?? 0
    statistics = attributes[IFLA_STATS64].flatMap(Self.statistics)
    if let information = attributes.nested(IFLA_LINKINFO) { read(information) }
  }

  private mutating func read(_ information: Attributes) {
    kind = information[IFLA_INFO_KIND]?.text ?? ""
    guard let data = information.nested(IFLA_INFO_DATA) else { return }
    switch kind {
    case "macvlan", "macvtap":
      macvlanMode = data.integer(IFLA_MACVLAN_MODE)
      macvlanFlags = data.integer(IFLA_MACVLAN_FLAGS) ?? 0
      macvlanSources = (data.nested(IFLA_MACVLAN_MACADDR_DATA)?.list ?? []).compactMap {
        MACAddress(octets: $0.value.slice)
      }
    case "ipvlan", "ipvtap": ipvlanMode = data.integer(IFLA_IPVLAN_MODE)
    case "vlan":
      vlanID = data.integer(IFLA_VLAN_ID, as: UInt16.self).map(VLANID.init(tagControlInformation:))
      vlanProtocol = data.integer(IFLA_VLAN_PROTOCOL, as: UInt16.self)?.byteSwapped
    default: break
    }
  }

  /// Members in the order of include/uapi/linux/if_link.h; the last ones came with later kernels.
  private static func statistics(_ octets: Octets) -> LinkStatistics? {
    let member = { (index: Int) in octets.integer(at: index * 8, as: UInt64.self) }
    guard let receivedPackets = member(0), let sentPackets = member(1), let receivedBytes = member(2),
      let sentBytes = member(3), let receiveErrors = member(4), let sendErrors = member(5),
      let receiveDropped = member(6), let sendDropped = member(7)
    else { return nil }
    return LinkStatistics(
      receivedPackets: receivedPackets, sentPackets: sentPackets, receivedBytes: receivedBytes,
      sentBytes: sentBytes, receiveErrors: receiveErrors, sendErrors: sendErrors,
      receiveDropped: receiveDropped, sendDropped: sendDropped, receivedForOtherHost: member(24))
  }
}

extension NetlinkSocket {
  /// Every link of the namespace.
  public func links() throws(NetlinkError) -> [Link] {
    var request = MessageBuilder(type: RTM_GETLINK, flags: Int(NLM_F_REQUEST | NLM_F_DUMP))
    request.append(UInt8(AF_UNSPEC))
    request.append([UInt8](repeating: 0, count: 15))
    var links: [Link] = []
    try dump(request, "list the links") { message in
      if Int(message.type) == RTM_NEWLINK, let link = Link(message.payload) { links.append(link) }
    }
    return links
  }

  /// The link of that name; throws `ENODEV` when there is none.
  public func link(named name: String) throws(NetlinkError) -> Link {
    var request = MessageBuilder(type: RTM_GETLINK, flags: Int(NLM_F_REQUEST | NLM_F_ACK))
    request.append([UInt8](repeating: 0, count: 16))
    request.attribute(IFLA_IFNAME, name)
    let answers = try self.request(request, "find interface \(name)")
    guard let link = answers.lazy.compactMap({ Link($0.payload) }).first else {
      throw NetlinkError("find interface \(name)", errno: Errno(rawValue: ENODEV))
    }
    return link
  }

  /// What this socket's namespace calls another one (`RTM_GETNSID`); `nil` when it has no name for it.
  public func namespaceID(of namespace: NetworkNamespace) throws(NetlinkError) -> Int32? {
    let path = namespace.path
    guard let file = unsafe try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      throw NetlinkError("open \(path)", errno: Errno(rawValue: errno))
    }
    defer { try? file.close() }
    var request = MessageBuilder(type: RTM_GETNSID, flags: Int(NLM_F_REQUEST | NLM_F_ACK))
    request.append([UInt8](repeating: 0, count: 4))
    request.attribute(NETNSA_FD, UInt32(bitPattern: file.rawValue))
    let answers = try self.request(request, "find the namespace id of \(path)")
    let id = answers.first.flatMap { Attributes($0.payload.dropping(4)).integer(NETNSA_NSID, as: Int32.self) }
    return id.flatMap { $0 >= 0 ? $0 : nil }
  }
}
