import NetworkAddresses
import TraceModel

/// Which traffic belongs to a probe: what else fails on a busy network meanwhile is not asked about.
struct ProbeScope {
  private let sources: Set<IPAddress>
  private let targets: Set<IPAddress>

  /// `nil` where the probe's target is unknown: then everything belongs to it.
  init?(_ observation: Observation, _ topology: Topology, _ trajectories: [Trajectory]) {
    guard let run = observation.probeRun, let target = run.to.address else { return nil }
    let addresses = { (namespace: UInt64?) -> [IPAddress] in
      namespace.flatMap { topology.namespace($0)?.localAddresses } ?? []
    }
    // Where the sender's namespace is not seen, on the router's side, its address is known all the same.
    let own = addresses(run.from.namespace) + [run.from.address].compactMap(\.self)
    let lookups = observation.routeLookups.filter { lookup in
      lookup.namespace == run.from.namespace && lookup.destination == target
        || lookup.namespace == run.to.namespace && own.contains(lookup.destination)
    }
    let gateways = lookups.compactMap { $0.route?.gateway }
    let used =
      [run.from.address].compactMap(\.self)
      + lookups.filter { $0.namespace == run.from.namespace }
      .compactMap { $0.route?.preferredSource }
    // Routers on this machine ask for the next hop by addresses of their own.
    let begin = run.probes.first?.sent ?? 0
    let children = Set(topology.children.map(\.id))
    let passed = trajectories.filter { $0.start >= begin && $0.frame?.destinationAddress == target }
      .flatMap(\.sightings).map(\.hook.interface).filter(children.contains)
    let routers = Set(passed.map(\.namespace)).flatMap { addresses($0) }
    sources = Set(own + used + [target] + addresses(run.to.namespace) + gateways + routers)
    targets = Set([target] + gateways + (used.isEmpty ? own : used))
  }

  /// Whether somebody's tries to reach an address are a part of the probe, or of the way of its answers.
  func covers(_ source: IPAddress, _ target: IPAddress) -> Bool {
    sources.contains(source) && targets.contains(target)
  }
}
