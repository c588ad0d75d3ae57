import NetworkAddresses
import TraceModel

/// What rules ask of a namespace's routes, rules and settings.
extension DiagnosisContext {
  /// The namespace of who asked; `nil` for somebody on the wire.
  func namespace(of asker: Attempt.Asker) -> UInt64? {
    switch asker {
    case .host(let id), .child(let id): id.namespace
    case .wire: nil
    }
  }

  /// What a person calls who asked.
  func name(_ asker: Attempt.Asker) -> String {
    switch asker {
    case .host: "this host"
    case .child(let id): interface(id)?.label ?? "a child"
    case .wire(let mac): mac.description
    }
  }

  /// What a namespace's kernel said of the way to an address: rather of packets from `source`.
  func lookup(to destination: IPAddress, from source: IPAddress, in namespace: UInt64) -> RouteLookup? {
    observation.routeLookups.first {
      $0.destination == destination && $0.namespace == namespace && $0.source == source
    } ?? lookup(to: destination, in: namespace)
  }

  /// The route of one table that packets to an address would take: the longest prefix, of several the lowest metric.
  func route(to destination: IPAddress, in namespace: UInt64, table: UInt32 = 254) -> RouteEntry? {
    let matching = (topology.namespace(namespace)?.routes ?? []).filter {
      $0.table == table && $0.destination.address.isIPv4 == destination.isIPv4
        && $0.destination.contains(destination)
    }
    return matching.min { ($1.destination.length, $0.metric) < ($0.destination.length, $1.metric) }
  }

  /// Whether the namespace has a default route of the address's family in its main table.
  func hasDefaultRoute(_ address: IPAddress, in namespace: UInt64) -> Bool {
    (topology.namespace(namespace)?.routes ?? []).contains {
      $0.table == 254 && $0.destination.length == 0 && $0.type == "unicast"
        && $0.destination.address.isIPv4 == address.isIPv4
    }
  }

  /// The routes by which a namespace hands packets to that next hop.
  func routes(by gateway: IPAddress, in namespace: UInt64) -> [RouteEntry] {
    (topology.namespace(namespace)?.routes ?? []).filter { $0.gateway == gateway }
  }

  /// The rule that sends packets another way than every namespace's own rules would: the first that matches them and
  /// that not every namespace has.
  func routingRule(from source: IPAddress?, to destination: IPAddress, in namespace: UInt64, table: UInt32?)
    -> RoutingRule?
  {
    state(namespace)?.routingRules.first { rule in
      guard !rule.isOrdinary, rule.isIPv4 == destination.isIPv4 else { return false }
      if let table, rule.table != table { return false }
      if table == nil, rule.action == "lookup" { return false }
      let isMeant =
        (rule.destination?.contains(destination) ?? true)
        && (rule.source.map { network in source.map(network.contains) ?? false } ?? true)
      return isMeant != rule.isInverted
    }
  }

  /// A setting of an interface under /proc/sys/net/FAMILY/conf, where that for `all` may raise it.
  func highest(_ name: String, of interface: Interface) -> Int? {
    let all = setting("ipv4/conf/all/\(name)", in: interface.id.namespace).flatMap { Int($0) }
    let own = setting("ipv4/conf/\(interface.name)/\(name)", in: interface.id.namespace).flatMap { Int($0) }
    guard let own else { return all }
    return max(all ?? 0, own)
  }

  /// The router that others beside the interface use, on its own network.
  func usualGateway(of interface: Interface, forIPv4 isIPv4: Bool, but excluded: IPAddress? = nil)
    -> IPAddress?
  {
    let networks = interface.addresses.filter { $0.address.isIPv4 == isIPv4 }
    for namespace in topology.namespaces where namespace.id != interface.id.namespace {
      for route in namespace.routes where route.destination.length == 0 && route.table == 254 {
        guard let gateway = route.gateway, gateway.isIPv4 == isIPv4, gateway != excluded else { continue }
        // A link-local gateway is one of its own link alone.
        let isBeside = route.interface.flatMap(self.interface)?.vlan == interface.vlan
        if isBeside, gateway.isLinkLocal || networks.contains(where: { $0.contains(gateway) }) {
          return gateway
        }
      }
    }
    return nil
  }

  /// The child of a namespace through which it reaches the parent: the one that owns the address if any does.
  func child(in namespace: UInt64, owning address: IPAddress? = nil) -> Interface? {
    let own = topology.children.filter { $0.id.namespace == namespace }
    return own.first { child in address.map(child.owns) ?? false } ?? own.first
  }
}

extension Attempt {
  /// When the first try that failed was made.
  var start: UInt64 { unanswered.first?.start ?? 0 }
}

extension Commands {
  /// Changes a setting of an interface.
  func set(_ name: String, to value: Int, of interface: Interface, isIPv4: Bool = true) -> String {
    let family = isIPv4 ? "ipv4" : "ipv6"
    // A dot in an interface's name would end it.
    let word =
      interface.name.contains(".")
      ? "net/\(family)/conf/\(interface.name)/\(name)" : "net.\(family).conf.\(interface.name).\(name)"
    return inside(interface, "sysctl -w \(Self.quoted("\(word)"))=\(value)")
  }

  /// Changes a route of an interface's namespace: `add`, `replace` or `delete`.
  func route(
    _ change: String, _ destination: String, isIPv4: Bool, via gateway: IPAddress?, _ interface: Interface
  )
    -> String
  {
    let way = gateway.map { "via \($0) " } ?? ""
    return inside(
      interface,
      "ip \(isIPv4 ? "" : "-6 ")route \(change) \(destination) \(way)dev \(Self.quoted(interface.name))")
  }
}
