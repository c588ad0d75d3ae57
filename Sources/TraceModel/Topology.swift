public import NetworkAddresses

/// A route of one namespace (`RTM_NEWROUTE`).
public struct RouteEntry: Hashable, Codable, Sendable {
  /// The destination; length 0 is the default route.
  public var destination: IPPrefix
  /// The next hop; `nil` for what is reached directly.
  public var gateway: IPAddress?
  /// The way out; `nil` for routes that lead nowhere.
  public var interface: InterfaceID?
  /// The address that the kernel prefers as source on this route.
  public var preferredSource: IPAddress?
  /// The lower is preferred.
  public var metric: UInt32
  /// The routing table: 254 is `main`, 255 is `local`.
  public var table: UInt32
  /// The kernel's name of the route type: `unicast`, `local`, `blackhole`, ...
  public var type: String
  /// Who made it (RTPROT_*): `kernel`, `boot`, `static`, `ra`, `dhcp`, ...; `nil` where that was not read.
  public var origin: String?

  /// Describes a route.
  public init(
    destination: IPPrefix, gateway: IPAddress? = nil, interface: InterfaceID? = nil,
    preferredSource: IPAddress? = nil, metric: UInt32 = 0, table: UInt32 = 254, type: String = "unicast",
    origin: String? = nil
  ) {
    self.destination = destination
    self.gateway = gateway
    self.interface = interface
    self.preferredSource = preferredSource
    self.metric = metric
    self.table = table
    self.type = type
    self.origin = origin
  }
}

/// The state of a neighbor entry (`NUD_*`), by its name in `ip neigh`.
public enum NeighborState: String, Codable, Sendable {
  case none, incomplete, reachable, stale, delay, probe, failed, noarp, permanent

  /// Reads the kernel's bit (include/uapi/linux/neighbour.h); `nil` for an unknown one.
  public init?(nud: UInt16) {
    switch nud {
    case 0x00: self = .none
    case 0x01: self = .incomplete
    case 0x02: self = .reachable
    case 0x04: self = .stale
    case 0x08: self = .delay
    case 0x10: self = .probe
    case 0x20: self = .failed
    case 0x40: self = .noarp
    case 0x80: self = .permanent
    default: return nil
    }
  }

  /// Whether the entry has a usable link-layer address.
  public var isResolved: Bool {
    switch self {
    case .reachable, .stale, .delay, .probe, .noarp, .permanent: true
    case .none, .incomplete, .failed: false
    }
  }
}

/// A neighbor entry of one namespace (`RTM_NEWNEIGH`).
public struct NeighborEntry: Hashable, Codable, Sendable {
  /// The interface whose neighbor it is.
  public var interface: InterfaceID
  /// The neighbor's address.
  public var address: IPAddress
  /// The neighbor's MAC address; `nil` while it is not resolved.
  public var mac: MACAddress?
  /// Whether and how surely the neighbor is known.
  public var state: NeighborState

  /// Describes a neighbor entry.
  public init(interface: InterfaceID, address: IPAddress, mac: MACAddress?, state: NeighborState) {
    self.interface = interface
    self.address = address
    self.mac = mac
    self.state = state
  }
}

/// What one network namespace knows.
public struct NamespaceState: Hashable, Codable, Sendable {
  /// The namespace's inode.
  public var id: UInt64
  /// `host` for the parent's namespace, else what a person calls it.
  public var name: String
  /// The name under /run/netns, where it has one: what `ip netns exec` takes.
  public var netnsName: String?
  /// A process in the namespace, where one is known: what `nsenter --net -t` takes.
  public var pid: Int32?
  /// The routes of all tables that were read.
  public var routes: [RouteEntry] = []
  /// The neighbor entries of all its interfaces.
  public var neighbors: [NeighborEntry] = []
  /// Settings that rules read, by their path under /proc/sys/net: `ipv4/ip_forward`.
  public var sysctls: [String: String] = [:]
  /// Every interface of the namespace, observed or not (an address on any of them is "ours").
  public var localAddresses: [IPAddress] = []

  /// Describes a namespace that knows nothing.
  public init(id: UInt64, name: String) {
    self.id = id
    self.name = name
  }
}

/// Everything that sits on one parent interface, and the state of the namespaces that it reaches into.
public struct Topology: Hashable, Codable, Sendable {
  /// The interface that was named on the command line.
  public var parent: InterfaceID
  /// The parent first, then its VLANs and children.
  public var interfaces: [Interface]
  /// The namespaces of `interfaces`, the parent's first.
  public var namespaces: [NamespaceState]

  /// Puts a topology together.
  public init(parent: InterfaceID, interfaces: [Interface], namespaces: [NamespaceState]) {
    self.parent = parent
    self.interfaces = interfaces
    self.namespaces = namespaces
  }

  /// The interface with that id.
  public func interface(_ id: InterfaceID) -> Interface? { interfaces.first { $0.id == id } }
  /// The parent's own entry.
  public var parentInterface: Interface? { interface(parent) }
  /// Every macvlan, macvtap and ipvlan child, in order.
  public var children: [Interface] { interfaces.filter(\.kind.isChild) }
  /// The namespace with that inode.
  public func namespace(_ id: UInt64) -> NamespaceState? { namespaces.first { $0.id == id } }
  /// The children with that MAC address: one, but for duplicates.
  public func children(withMAC mac: MACAddress) -> [Interface] { children.filter { $0.mac == mac } }
  /// The observed interface that owns that address.
  public func owner(of address: IPAddress) -> Interface? { interfaces.first { $0.owns(address) } }
}
