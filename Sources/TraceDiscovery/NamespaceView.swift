import LinuxNamespaces
import Netlink
import NetworkAddresses
import TraceModel

/// One network namespace while it is being read: held open no longer than the scan takes.
struct NamespaceView {
  let namespace: NetworkNamespace
  let socket: NetlinkSocket
  let found: FoundNamespace
  let links: [Netlink.Link]
  /// Whether it is the namespace of the parent interface.
  let isHost: Bool

  var inode: UInt64 { namespace.identity.inode }

  /// What a person calls it, as long as no container's name is known.
  var label: String { isHost ? "host" : found.names.first ?? "net:[\(inode)]" }

  /// Settings that rules read, for the whole namespace.
  private static let settings = [
    "ipv4/ip_forward", "ipv4/icmp_echo_ignore_all", "ipv4/conf/all/rp_filter", "ipv4/conf/all/arp_ignore",
    "ipv4/conf/all/arp_filter", "ipv4/conf/all/proxy_arp", "ipv6/conf/all/forwarding",
    "ipv6/conf/all/disable_ipv6",
  ]
  /// Settings of one interface, `*` for its name.
  private static let interfaceSettings = [
    "ipv4/conf/*/rp_filter", "ipv4/conf/*/arp_ignore", "ipv4/conf/*/arp_filter", "ipv4/conf/*/proxy_arp",
    "ipv6/conf/*/disable_ipv6",
  ]

  /// Reads addresses, routes, neighbors and settings.
  func state(of interfaces: [Interface]) throws -> (state: NamespaceState, addresses: [Netlink.Address]) {
    var state = NamespaceState(id: inode, name: label)
    state.netnsName = found.names.first
    state.pid = found.pids.first
    let addresses = try socket.addresses()
    state.localAddresses = addresses.map(\.prefix.address)
    state.routes = try socket.routes().map { route in
      RouteEntry(
        destination: route.destination, gateway: route.gateway,
        interface: route.ifindex.map { InterfaceID(namespace: inode, ifindex: $0) },
        preferredSource: route.preferredSource, metric: route.metric, table: route.table, type: route.typeName
      )
    }
    state.neighbors = try socket.neighbors().compactMap { neighbor in
      guard let nud = NeighborState(nud: neighbor.state), nud != .noarp else { return nil }
      return NeighborEntry(
        interface: InterfaceID(namespace: inode, ifindex: neighbor.ifindex), address: neighbor.address,
        mac: neighbor.mac, state: nud)
    }
    let names = interfaces.map(\.name)
    let paths =
      Self.settings
      + names.flatMap { name in
        Self.interfaceSettings.map { pattern in
          pattern.split(separator: "*").joined(separator: name)
        }
      }
    state.sysctls = try namespace.run {
      var values: [String: String] = [:]
      for path in paths { values[path] = ProcFS.sysctl(path) }
      return values
    }
    return (state, addresses)
  }
}
