import LinuxNamespaces
import Netlink
import NetworkAddresses
import TraceModel

/// What a namespace knows beside its links.
struct NamespaceContent: Sendable {
  var state: NamespaceState
  let addresses: [Netlink.Address]

  /// Settings that rules read, for the whole namespace.
  private static let settings = [
    "ipv4/ip_forward", "ipv4/icmp_echo_ignore_all", "ipv6/icmp/echo_ignore_all", "ipv4/conf/all/rp_filter",
    "ipv4/conf/all/arp_ignore",
    "ipv4/conf/all/arp_filter", "ipv4/conf/all/arp_announce", "ipv4/conf/all/proxy_arp",
    "ipv6/conf/all/forwarding",
    "ipv6/conf/all/disable_ipv6", "bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables",
    "bridge/bridge-nf-call-arptables",
  ]
  /// Settings of one interface, `*` for its name.
  private static let interfaceSettings = [
    "ipv4/conf/*/rp_filter", "ipv4/conf/*/arp_ignore", "ipv4/conf/*/arp_filter", "ipv4/conf/*/arp_announce",
    "ipv4/conf/*/proxy_arp", "ipv4/conf/*/forwarding", "ipv6/conf/*/accept_ra", "ipv6/conf/*/forwarding",
    "ipv6/conf/*/disable_ipv6",
  ]

  /// Reads the calling thread's namespace, which is `found`, through a socket of it.
  ///
  /// - Parameter names: the interfaces whose settings are read.
  init(of found: FoundNamespace, label: String, interfaces names: [String], _ socket: NetlinkSocket)
    throws(NetlinkError)
  {
    let inode = found.identity.inode
    state = NamespaceState(id: inode, name: label)
    addresses = try socket.addresses()
    state.localAddresses = addresses.map(\.prefix.address)
    state.routes = try socket.routes().map { RouteEntry($0, in: inode) }
    state.neighbors = try socket.neighbors().compactMap { neighbor in
      guard let nud = NeighborState(nud: neighbor.state), nud != .noarp else { return nil }
      return NeighborEntry(
        interface: InterfaceID(namespace: inode, ifindex: neighbor.ifindex), address: neighbor.address,
        mac: neighbor.mac, state: nud)
    }
    let paths = names.flatMap { name in
      Self.interfaceSettings.map { $0.split(separator: "*").joined(separator: name) }
    }
    state.sysctls = Sysctl.values(of: Self.settings + paths)
    name(found, label: label)
  }

  /// Says how to call and to enter it.
  mutating func name(_ found: FoundNamespace, label: String) {
    state.name = label
    state.netnsName = found.names.first
    state.pid = found.pids.first ?? found.threads.first
  }
}
