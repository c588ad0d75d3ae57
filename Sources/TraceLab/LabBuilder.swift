import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage

/// Makes what a specification says, in namespaces that it makes and notes one by one.
struct LabBuilder {
  private let specification: LabSpecification
  private var namespaces: [String: NetworkNamespace] = [:]
  private var sockets: [String: NetlinkSocket] = [:]

  /// Makes the namespaces.
  init(_ specification: LabSpecification, _ state: LabState) throws {
    self.specification = specification
    for name in specification.namespaceNames {
      let namespace = try state.makeNamespace(name)
      let socket = try NetlinkSocket(in: namespace)
      try socket.setUp(try socket.link(named: "lo").ifindex, true)
      namespaces[name] = namespace
      sockets[name] = socket
    }
  }

  /// Makes everything in them: the switch, then station by station what is on it.
  func build() throws {
    let own = try socket(LabSpecification.switchName)
    try checkFeatures(own)
    try own.createBridge(LinkSpecification("br0"), filtersVLANs: specification.switchFiltersVLANs)
    let bridge = try own.link(named: "br0")
    try own.setUp(bridge.ifindex, true)
    if let address = specification.switchAddress { try own.addAddress(bridge.ifindex, address) }
    for (number, station) in specification.stations.enumerated() {
      let port = "port\(number + 1)"
      try connect(station, by: port, of: bridge.ifindex, own)
      try build(station)
      for container in specification.containers where container.host == number {
        try build(container, on: try socket(station.name))
      }
      if !station.isUp { try setUp(station.interface, false, try socket(station.name)) }
      if !station.port.isUp { try setUp(port, false, own) }
    }
    for step in specification.setup {
      let result = try CommandRunner.run(
        ["sh", "-ec", "prefix=\(specification.prefix)\n\(step.command)"], in: try namespace(step.namespace))
      guard result.status == 0 else { throw LabError("\(step.command): \(result.output)") }
    }
  }

  /// Tries what not every kernel has, and names all that is missing at once.
  private func checkFeatures(_ socket: NetlinkSocket) throws {
    var missing: [String] = []
    let attempt = { (feature: String, name: String, create: (LinkSpecification) throws -> Void) in
      do {
        try create(LinkSpecification(name))
        return true
      } catch let error as NetlinkError where error.errno == .notSupported {
        missing.append(feature)
        return false
      }
    }
    if try attempt("bridges (module bridge)", "try0", { try socket.createBridge($0) }) {
      let lower = try socket.link(named: "try0").ifindex
      if let vlan = specification.stations.lazy.flatMap(\.vlans).first {
        _ = try attempt("802.1Q sub-interfaces (module 8021q)", "try1") {
          try socket.createVLAN($0, parent: lower, id: vlan.id, protocol: vlan.protocol)
        }
      }
      _ = try attempt("macvlan (module macvlan)", "try2") {
        try socket.createMacvlan($0, parent: lower, mode: .bridge)
      }
      try socket.delete(lower)
    }
    if specification.switchFiltersVLANs,
      try attempt(
        "bridges that tell VLANs apart (CONFIG_BRIDGE_VLAN_FILTERING)", "try3",
        {
          try socket.createBridge($0, filtersVLANs: true)
        })
    {
      try socket.delete(try socket.link(named: "try3").ifindex)
    }
    if !missing.isEmpty { throw LabError(missing: missing) }
  }

  private func namespace(_ name: String) throws -> NetworkNamespace {
    guard let namespace = namespaces[specification.prefix + name] else {
      throw LabError("no namespace \(name)")
    }
    return namespace
  }

  private func socket(_ name: String) throws -> NetlinkSocket {
    guard let socket = sockets[specification.prefix + name] else { throw LabError("no namespace \(name)") }
    return socket
  }

  private func setUp(_ name: String, _ isUp: Bool, _ socket: NetlinkSocket) throws {
    try socket.setUp(try socket.link(named: name).ifindex, isUp)
  }

  /// Lays the cable from a port of the switch to the station.
  private func connect(_ station: LabStation, by port: String, of bridge: UInt32, _ own: NetlinkSocket) throws
  {
    try own.createVeth(
      LinkSpecification(port),
      LinkSpecification(station.interface, namespace: try namespace(station.name)))
    let index = try own.link(named: port).ifindex
    try own.setMaster(index, bridge)
    if specification.switchFiltersVLANs {
      // Each port gets the bridge's default VLAN.
      for vlan in try own.bridgeVLANs()[index] ?? [] { try own.deletePortVLAN(index, vlan.id) }
      for vlan in station.port.vlans { try own.addPortVLAN(index, vlan) }
    }
    try own.setUp(index, true)
    if specification.reflects { try own.setHairpin(index, true) }
  }

  private func build(_ station: LabStation) throws {
    let own = try socket(station.name)
    try setUp(station.interface, true, own)
    if let address = station.address {
      try own.addAddress(try own.link(named: station.interface).ifindex, address)
    }
    for vlan in station.vlans {
      let lower = try own.link(named: vlan.lower).ifindex
      try own.createVLAN(
        LinkSpecification(vlan.name), parent: lower, id: vlan.id, protocol: vlan.protocol)
      let index = try own.link(named: vlan.name).ifindex
      if let address = vlan.address { try own.addAddress(index, address) }
      if vlan.isUp { try own.setUp(index, true) }
    }
    if station.forwards {
      try namespace(station.name).run { try ProcFS.write("/proc/sys/net/ipv4/ip_forward", "1") }
    }
  }

  private func build(_ container: LabContainer, on host: NetlinkSocket) throws {
    let lower = try host.link(named: container.lower).ifindex
    let inner = try namespace(container.name)
    let inside = try socket(container.name)
    try host.createMacvlan(LinkSpecification("eth0", namespace: inner), parent: lower, mode: container.mode)
    let child = try inside.link(named: "eth0").ifindex
    try inside.addAddress(child, container.address)
    if container.isUp { try inside.setUp(child, true) }
    if let gateway = container.gateway, let everywhere = IPPrefix("0.0.0.0/0") {
      try inside.addRoute(RouteSpecification(to: everywhere, gateway: gateway))
    }
    if container.isSilent {
      try inner.run { try ProcFS.write("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1") }
    }
  }
}
