public import NetworkAddresses

/// What an interface is to macvtrace.
public enum InterfaceKind: String, Codable, Sendable {
  /// The interface that was named on the command line.
  case parent
  case vlan, macvlan, macvtap, ipvlan, bridge, veth, other

  /// Whether the interface shares its parent's wire under addresses of its own.
  public var isChild: Bool { self == .macvlan || self == .macvtap || self == .ipvlan }
}

/// How a child shares its parent: the macvlan modes (`enum macvlan_mode`) and the ipvlan ones.
public enum ChildMode: String, Codable, Sendable {
  case `private`, vepa, bridge, passthru, source
  case l2, l3, l3s
}

/// The container that owns an interface's namespace, as its runtime names it.
public struct Container: Hashable, Codable, Sendable {
  /// The container engine: `docker`.
  public var runtime: String
  /// The container's name, without a leading slash.
  public var name: String
  /// The name of the container network that the interface belongs to, where the engine tells.
  public var network: String?

  /// Names a container.
  public init(runtime: String, name: String, network: String? = nil) {
    self.runtime = runtime
    self.name = name
    self.network = network
  }

  private enum CodingKeys: String, CodingKey {
    case runtime, name, network
  }

  /// Writes the JSON contract's form, in which an unknown network is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(runtime, forKey: .runtime)
    try values.encode(name, forKey: .name)
    try values.encode(network, forKey: .network)
  }
}

/// The kernel's own counters of an interface (`struct rtnl_link_stats64`), since its creation.
public struct InterfaceStatistics: Hashable, Codable, Sendable {
  /// Frames received.
  public var receivedFrames: UInt64 = 0
  /// Octets received.
  public var receivedBytes: UInt64 = 0
  /// Received frames that were dropped.
  public var receiveDropped: UInt64 = 0
  /// Frames that arrived damaged.
  public var receiveErrors: UInt64 = 0
  /// Frames for another host's MAC that reached the IP layer (`rx_otherhost_dropped`; Linux 5.19).
  public var receivedForOtherHost: UInt64?
  /// Frames sent.
  public var sentFrames: UInt64 = 0
  /// Octets sent.
  public var sentBytes: UInt64 = 0
  /// Frames that were dropped before they were sent.
  public var sendDropped: UInt64 = 0
  /// Frames that could not be sent.
  public var sendErrors: UInt64 = 0

  /// All zero.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case receivedFrames = "received_frames"
    case receivedBytes = "received_bytes"
    case receiveDropped = "receive_dropped"
    case receiveErrors = "receive_errors"
    case receivedForOtherHost = "received_for_other_host"
    case sentFrames = "sent_frames"
    case sentBytes = "sent_bytes"
    case sendDropped = "send_dropped"
    case sendErrors = "send_errors"
  }

  /// Writes the JSON form, in which a counter that the kernel does not have is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(receivedFrames, forKey: .receivedFrames)
    try values.encode(receivedBytes, forKey: .receivedBytes)
    try values.encode(receiveDropped, forKey: .receiveDropped)
    try values.encode(receiveErrors, forKey: .receiveErrors)
    try values.encode(receivedForOtherHost, forKey: .receivedForOtherHost)
    try values.encode(sentFrames, forKey: .sentFrames)
    try values.encode(sentBytes, forKey: .sentBytes)
    try values.encode(sendDropped, forKey: .sendDropped)
    try values.encode(sendErrors, forKey: .sendErrors)
  }
}

/// One interface, as the kernel describes it.
public struct Interface: Hashable, Sendable {
  /// Namespace and index.
  public var id: InterfaceID
  /// The name in its namespace.
  public var name: String
  /// What a person calls the namespace: `host` for the parent's, else a name under /run/netns, a container's
  /// name, or `net:[INODE]`.
  public var namespace: String
  /// What the interface is to macvtrace.
  public var kind: InterfaceKind
  /// The interface below (`IFLA_LINK`), resolved across namespaces; `nil` for a parent, or when unknown.
  public var parent: InterfaceID?
  /// The MAC address; `nil` for a device without one.
  public var mac: MACAddress?
  /// The 802.1Q VLAN ID of a VLAN sub-interface; for a child the one of the sub-interface it sits on.
  public var vlan: VLANID?
  /// The protocol of a VLAN sub-interface's own tags; `nil` for anything else.
  public var vlanProtocol: VLANProtocol?
  /// A child's mode; `nil` for what is no child.
  public var mode: ChildMode?
  /// The interface's addresses with their prefix lengths.
  public var addresses: [IPPrefix] = []
  /// Whether the interface is administratively up (IFF_UP).
  public var up = false
  /// Whether the lower layer has a carrier (`IFLA_CARRIER`).
  public var carrier = false
  /// IFF_PROMISC, which hides what the kernel set itself: see `promiscuity`.
  public var promiscuous = false
  /// Whether the kernel finds neighbors by ARP there, and answers (not IFF_NOARP).
  public var arp = true
  /// The largest payload of a frame, in octets.
  public var mtu = 0
  /// The container that owns the interface's namespace, where there is one.
  public var container: Container?

  /// How many users keep the interface promiscuous (`IFLA_PROMISCUITY`).
  public var promiscuity = 0
  /// `IFLA_INFO_KIND`: `veth`; empty for a physical device.
  public var linkKind = ""
  /// The bridge, bond or team that owns the interface (`IFLA_MASTER`).
  public var master: InterfaceID?
  /// The allow list of a child in source mode (`IFLA_MACVLAN_MACADDR_DATA`).
  public var allowedSources: [MACAddress] = []
  /// `IFLA_MACVLAN_FLAGS`: bit 0 nopromisc, bit 1 nodst.
  public var macvlanFlags: UInt16 = 0
  /// `IFLA_IPVLAN_FLAGS`: bit 0 private, bit 1 VEPA; the same for all children of one parent.
  public var ipvlanFlags: UInt16 = 0
  /// How many broadcasts a macvlan child wants queued at its parent; `nil` before Linux 5.11.
  public var broadcastQueueLength: Int?
  /// How many are: the largest wish of the parent's children.
  public var broadcastQueueLengthUsed: Int?
  /// How many children a broadcast may have and still bypass the queue; negative: however many; `nil` before Linux 6.4.
  public var broadcastCutoff: Int?
  /// Who takes the interface's frames before this host's stack does, be it the interface's own children.
  public var receiveHandler: ReceiveHandler?
  /// The kernel's own counters, where they were read.
  public var statistics: InterfaceStatistics?

  /// Describes an interface that is down and has no addresses.
  public init(id: InterfaceID, name: String, namespace: String, kind: InterfaceKind, mac: MACAddress? = nil) {
    self.id = id
    self.name = name
    self.namespace = namespace
    self.kind = kind
    self.mac = mac
  }

  /// The name that tells a reader which one is meant: a container's name, else `name` in its namespace.
  public var label: String {
    if let container { return "\(container.name) (\(name))" }
    return namespace == "host" ? name : "\(name) in \(namespace)"
  }

  /// A child's flags as `ip link` writes them: `nodst`.
  public var flagNames: [String] {
    switch kind {
    case .macvlan, .macvtap: Self.names(of: macvlanFlags, ["nopromisc", "nodst"])
    case .ipvlan: Self.names(of: ipvlanFlags, ["private", "vepa"])
    default: []
    }
  }

  private static func names(of flags: UInt16, _ names: [String]) -> [String] {
    names.enumerated().filter { flags & (1 << $0.offset) != 0 }.map(\.element)
  }

  /// Whether `address` is one of the interface's own.
  public func owns(_ address: IPAddress) -> Bool {
    addresses.contains { $0.address == address }
  }
}

extension Interface: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, name, ifindex, namespace, kind, parent, mac, vlan, mode, addresses, up, carrier, promiscuous,
      arp, mtu
    case container, promiscuity
    case linkKind = "link_kind"
    case master
    case allowedSources = "allowed_sources"
    case macvlanFlags = "macvlan_flags"
    case ipvlanFlags = "ipvlan_flags"
    case childFlags = "child_flags"
    case vlanProtocol = "vlan_protocol"
    case broadcastQueueLength = "broadcast_queue_length"
    case broadcastQueueLengthUsed = "broadcast_queue_length_used"
    case broadcastCutoff = "broadcast_cutoff"
    case receiveHandler = "receive_handler"
    case statistics
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InterfaceID.self, forKey: .id)
    name = try values.decode(String.self, forKey: .name)
    namespace = try values.decode(String.self, forKey: .namespace)
    kind = try values.decode(InterfaceKind.self, forKey: .kind)
    parent = try values.decodeIfPresent(InterfaceID.self, forKey: .parent)
    mac = try values.decodeIfPresent(MACAddress.self, forKey: .mac)
    vlan = try values.decodeIfPresent(VLANID.self, forKey: .vlan)
    mode = try values.decodeIfPresent(ChildMode.self, forKey: .mode)
    addresses = try values.decode([IPPrefix].self, forKey: .addresses)
    up = try values.decode(Bool.self, forKey: .up)
    carrier = try values.decode(Bool.self, forKey: .carrier)
    promiscuous = try values.decode(Bool.self, forKey: .promiscuous)
    arp = try values.decodeIfPresent(Bool.self, forKey: .arp) ?? true
    mtu = try values.decode(Int.self, forKey: .mtu)
    container = try values.decodeIfPresent(Container.self, forKey: .container)
    promiscuity = try values.decodeIfPresent(Int.self, forKey: .promiscuity) ?? 0
    linkKind = try values.decodeIfPresent(String.self, forKey: .linkKind) ?? ""
    master = try values.decodeIfPresent(InterfaceID.self, forKey: .master)
    allowedSources = try values.decodeIfPresent([MACAddress].self, forKey: .allowedSources) ?? []
    macvlanFlags = try values.decodeIfPresent(UInt16.self, forKey: .macvlanFlags) ?? 0
    ipvlanFlags = try values.decodeIfPresent(UInt16.self, forKey: .ipvlanFlags) ?? 0
    vlanProtocol = try values.decodeIfPresent(VLANProtocol.self, forKey: .vlanProtocol)
    broadcastQueueLength = try values.decodeIfPresent(Int.self, forKey: .broadcastQueueLength)
    broadcastQueueLengthUsed = try values.decodeIfPresent(Int.self, forKey: .broadcastQueueLengthUsed)
    broadcastCutoff = try values.decodeIfPresent(Int.self, forKey: .broadcastCutoff)
    receiveHandler = try values.decodeIfPresent(ReceiveHandler.self, forKey: .receiveHandler)
    statistics = try values.decodeIfPresent(InterfaceStatistics.self, forKey: .statistics)
  }

  /// Writes the JSON contract's form, in which an absent value is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(name, forKey: .name)
    try values.encode(id.ifindex, forKey: .ifindex)
    try values.encode(namespace, forKey: .namespace)
    try values.encode(kind, forKey: .kind)
    try values.encode(parent, forKey: .parent)
    try values.encode(mac, forKey: .mac)
    try values.encode(vlan, forKey: .vlan)
    try values.encode(mode, forKey: .mode)
    try values.encode(addresses, forKey: .addresses)
    try values.encode(up, forKey: .up)
    try values.encode(carrier, forKey: .carrier)
    try values.encode(promiscuous, forKey: .promiscuous)
    try values.encode(arp, forKey: .arp)
    try values.encode(mtu, forKey: .mtu)
    try values.encode(container, forKey: .container)
    try values.encode(promiscuity, forKey: .promiscuity)
    try values.encode(linkKind, forKey: .linkKind)
    try values.encode(master, forKey: .master)
    try values.encode(allowedSources, forKey: .allowedSources)
    try values.encode(macvlanFlags, forKey: .macvlanFlags)
    try values.encode(ipvlanFlags, forKey: .ipvlanFlags)
    try values.encode(flagNames, forKey: .childFlags)
    try values.encode(vlanProtocol, forKey: .vlanProtocol)
    try values.encode(broadcastQueueLength, forKey: .broadcastQueueLength)
    try values.encode(broadcastQueueLengthUsed, forKey: .broadcastQueueLengthUsed)
    try values.encode(broadcastCutoff, forKey: .broadcastCutoff)
    try values.encode(receiveHandler, forKey: .receiveHandler)
    try values.encode(statistics, forKey: .statistics)
  }
}
