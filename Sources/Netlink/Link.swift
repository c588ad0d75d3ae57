import CLinux
public import NetworkAddresses

/// A network interface (`RTM_NEWLINK`, rtnetlink(7)).
public struct Link: Hashable, Sendable {
  /// Its number, unique in its namespace.
  public var ifindex: UInt32
  /// Its name, at most 15 octets.
  public var name = ""
  /// `IFLA_INFO_KIND`: "macvlan", "vlan", "veth" and so on; empty for a physical device.
  public var kind = ""
  /// ARPHRD_*: 1 is Ethernet, 772 the loopback.
  public var hardwareType: UInt16
  /// IFF_*.
  public var flags: UInt32
  /// The hardware address; `nil` where it is not six octets long.
  public var mac: MACAddress?
  /// `IFLA_PERM_ADDRESS`: the address that the device was made with (Linux 5.6).
  public var permanentMAC: MACAddress?
  /// The longest packet in octets, without the Ethernet header.
  public var mtu: UInt32 = 0
  /// `IFLA_LINK`: the number of the interface below, in the namespace of `linkNamespaceID`.
  public var link: UInt32?
  /// `IFLA_LINK_NETNSID`: what this namespace calls the one of `link`; `nil` when it is the same.
  ///
  /// -1 when the other namespace has ended.
  public var linkNamespaceID: Int32?
  /// The number of the bridge or bond whose port it is.
  public var master: UInt32?
  /// `IFLA_INFO_SLAVE_KIND`: what kind the master is.
  public var masterKind: String?
  /// What the bridge makes of it, when it is a bridge's port.
  public var bridgePort: BridgePort?
  /// `IFLA_CARRIER`: whether there is a cable and somebody at its end.
  public var carrier = false
  /// IF_OPER_* (RFC 2863): 2 is down, 3 lower layer down, 6 up.
  public var operationalState: UInt8 = 0
  /// `IFLA_PROMISCUITY`: how many users want every frame.
  public var promiscuity: UInt32 = 0
  /// The counters; `nil` where the message has none.
  public var statistics: LinkStatistics?
  /// `IFLA_NEW_NETNSID`: where a link went, in the notification that it has left (Linux 4.16).
  public var movedToNamespaceID: Int32?

  /// `IFLA_MACVLAN_MODE` (`enum macvlan_mode`).
  public var macvlanMode: UInt32?
  /// `IFLA_MACVLAN_FLAGS`: 1 NOPROMISC, 2 NODST.
  public var macvlanFlags: UInt16 = 0
  /// `IFLA_MACVLAN_MACADDR_DATA`: who may send to a child in source mode.
  public var macvlanSources: [MACAddress] = []
  /// `IFLA_MACVLAN_BC_QUEUE_LEN`: how many broadcasts this child wants queued at its parent (Linux 5.11).
  public var broadcastQueueLength: UInt32?
  /// `IFLA_MACVLAN_BC_QUEUE_LEN_USED`: how many the parent queues, the largest wish of its children.
  public var usedBroadcastQueueLength: UInt32?
  /// `IFLA_MACVLAN_BC_CUTOFF`: how many children a broadcast may have and still be handed to them at once, without the
  /// queue; negative: however many (Linux 6.4).
  public var broadcastCutoff: Int32?
  /// `IFLA_IPVLAN_MODE` (`enum ipvlan_mode`).
  public var ipvlanMode: UInt16?
  /// `IFLA_IPVLAN_FLAGS`: 1 private, 2 VEPA.
  public var ipvlanFlags: UInt16 = 0
  /// `IFLA_VLAN_ID`.
  public var vlanID: VLANID?
  /// `IFLA_VLAN_PROTOCOL`: 0x8100 (IEEE 802.1Q) or 0x88a8 (802.1ad).
  public var vlanProtocol: UInt16?
  /// `IFLA_VLAN_FLAGS`: 1 REORDER_HDR, 2 GVRP, 4 LOOSE_BINDING, 8 MVRP.
  public var vlanFlags: UInt32?
  /// `IFLA_XDP`: the XDP programs that see what the link receives, before anything else does.
  public var xdpPrograms: [XDPProgram] = []
  /// `IFLA_BR_VLAN_FILTERING`: whether a bridge tells VLANs apart; `nil` where the kernel's bridges cannot.
  public var bridgeFiltersVLANs: Bool?

  /// IFF_UP: set up by its administrator.
  public var isUp: Bool { flags & 0x1 != 0 }
  /// IFF_LOOPBACK.
  public var isLoopback: Bool { flags & 0x8 != 0 }
  /// IFF_RUNNING: up, and able to carry packets.
  public var isRunning: Bool { flags & 0x40 != 0 }
  /// IFF_PROMISC: set by its administrator; what the kernel sets itself shows in `promiscuity` alone.
  public var isPromiscuous: Bool { flags & 0x100 != 0 }
  /// Neither ARP nor neighbor discovery is done on it (IFF_NOARP).
  public var isWithoutARP: Bool { flags & 0x80 != 0 }

  /// The operational state as `ip link` writes it, in capital letters.
  public var operationalStateName: String {
    let names = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"]
    return Int(operationalState) < names.count ? names[Int(operationalState)] : String(operationalState)
  }
}

extension Link {
  /// Reads `struct ifinfomsg` and the attributes behind it; `nil` when it is cut off.
  init?(_ message: Message) {
    guard let attributes = message.attributes(behind: 16),
      let hardwareType = message.payload.integer(at: 2, as: UInt16.self),
      let ifindex = message.payload.integer(at: 4, as: UInt32.self),
      let flags = message.payload.integer(at: 8, as: UInt32.self)
    else { return nil }
    self.init(ifindex: ifindex, hardwareType: hardwareType, flags: flags)
    for (type, value) in attributes.list { read(type, value) }
  }

  private mutating func read(_ type: Int, _ value: Octets) {
    switch type {
    case IFLA_IFNAME: name = value.text
    case IFLA_ADDRESS: mac = MACAddress(octets: value.slice)
    case IFLA_PERM_ADDRESS: permanentMAC = MACAddress(octets: value.slice)
    case IFLA_MTU: mtu = value.integer(at: 0) ?? 0
    case IFLA_LINK: link = value.integer(at: 0)
    case IFLA_LINK_NETNSID: linkNamespaceID = value.integer(at: 0)
    case IFLA_NEW_NETNSID: movedToNamespaceID = value.integer(at: 0)
    case IFLA_MASTER: master = value.integer(at: 0)
    case IFLA_CARRIER: carrier = value.integer(at: 0, as: UInt8.self) == 1
    case IFLA_OPERSTATE: operationalState = value.integer(at: 0) ?? 0
    case IFLA_PROMISCUITY: promiscuity = value.integer(at: 0) ?? 0
    case IFLA_STATS64: statistics = LinkStatistics(value)
    case IFLA_LINKINFO: readInformation(Attributes(value))
    case IFLA_XDP: xdpPrograms = XDPProgram.list(Attributes(value))
    default: break
    }
  }

  private mutating func readInformation(_ information: Attributes) {
    kind = information[IFLA_INFO_KIND]?.text ?? ""
    masterKind = information[IFLA_INFO_SLAVE_KIND]?.text
    if masterKind == "bridge" {
      bridgePort = information.nested(IFLA_INFO_SLAVE_DATA).flatMap(BridgePort.init)
    }
    guard let data = information.nested(IFLA_INFO_DATA) else { return }
    switch kind {
    case "macvlan", "macvtap":
      macvlanMode = data.integer(IFLA_MACVLAN_MODE)
      macvlanFlags = data.integer(IFLA_MACVLAN_FLAGS) ?? 0
      macvlanSources = (data.nested(IFLA_MACVLAN_MACADDR_DATA)?.list ?? []).compactMap {
        MACAddress(octets: $0.value.slice)
      }
      broadcastQueueLength = data.integer(IFLA_MACVLAN_BC_QUEUE_LEN)
      usedBroadcastQueueLength = data.integer(IFLA_MACVLAN_BC_QUEUE_LEN_USED)
      broadcastCutoff = data.integer(Int(CLINUX_IFLA_MACVLAN_BC_CUTOFF.rawValue))
    case "ipvlan", "ipvtap":
      ipvlanMode = data.integer(IFLA_IPVLAN_MODE)
      ipvlanFlags = data.integer(IFLA_IPVLAN_FLAGS) ?? 0
    case "vlan":
      vlanID = data.integer(IFLA_VLAN_ID).flatMap { VLANID($0) }
      vlanProtocol = data.integer(IFLA_VLAN_PROTOCOL).map(UInt16.init(bigEndian:))
      // The kernel leaves it out where none is set (vlan_fill_info in net/8021q/vlan_netlink.c).
      vlanFlags = data.integer(IFLA_VLAN_FLAGS) ?? 0
    case "bridge":
      bridgeFiltersVLANs = data.integer(IFLA_BR_VLAN_FILTERING, as: UInt8.self).map { $0 != 0 }
    default: break
    }
  }
}
