import NetworkAddresses
import TraceModel

@testable import TraceDiagnosis

/// What namespaces and their kernels say, put into a scenario.
extension Scenario {
  /// Applies a change to a namespace in both topologies.
  mutating func change(namespace: UInt64, _ body: (inout NamespaceState) -> Void) {
    for path in [\Observation.before, \Observation.after] {
      for index in observation[keyPath: path].namespaces.indices
      where observation[keyPath: path].namespaces[index].id == namespace {
        body(&observation[keyPath: path].namespaces[index])
      }
    }
  }

  /// What the kernel of a namespace says when it is asked for its way to an address.
  mutating func asked(
    _ namespace: UInt64, to last: UInt64, over family: Family = .v4, by interface: InterfaceID? = nil,
    gateway: UInt64? = nil, table: UInt32 = 254, error: String? = nil
  ) {
    var lookup = RouteLookup(namespace: namespace, destination: family.address(last), error: error)
    if error == nil {
      lookup.route = RouteEntry(
        destination: IPPrefix(host: family.address(last)), gateway: gateway.map(family.address),
        interface: interface, table: table)
    }
    observation.routeLookups.append(lookup)
  }

  /// A route of a namespace.
  mutating func route(_ namespace: UInt64, _ route: RouteEntry) {
    change(namespace: namespace) { $0.routes.append(route) }
  }

  /// What a namespace says of itself, before and after.
  mutating func state(
    _ namespace: UInt64, _ before: [String: UInt64] = [:], _ body: (inout SystemState) -> Void
  ) {
    var first = SystemState(namespace: namespace)
    first.counters = before
    var last = first
    body(&last)
    observation.statesBefore.append(first)
    observation.statesAfter.append(last)
  }

  /// Echo requests of the sibling came in at the child, and no answer left it.
  static func unanswered(_ family: Family = .v4) -> Scenario {
    var scenario = Scenario(over: family)
    scenario.addSibling(.bridge)
    scenario.pings(from: 30, mac: siblingMAC, to: 10, childMAC, at: [siblingOut, childIn])
    return scenario
  }

  /// The same with ARP requests.
  static func unheard() -> Scenario {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.asks(from: 30, mac: siblingMAC, for: 10, at: [siblingOut, childIn])
    return scenario
  }

  /// The child hands echo requests for 99 to its sibling, which passes nothing on.
  static func handedToSibling() -> Scenario {
    var scenario = Scenario()
    scenario.addSibling(.bridge)
    scenario.pings(from: 10, mac: childMAC, to: 99, siblingMAC, at: [childOut, siblingIn])
    return scenario
  }

  /// An interface that was not observed, in the child's namespace.
  static let unobserved = InterfaceID(namespace: 2, ifindex: 9)
}
