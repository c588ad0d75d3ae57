public import TraceModel

/// What frames of a measurement take from hook to hook, from their trajectories.
public enum HopLatencies {
  /// The hops of the datagrams between two addresses, in the order in which they are passed.
  ///
  /// Sightings of one datagram have one packet id, so that two that follow one another are a hop.
  public static func of(
    _ trajectories: [Trajectory], from: Station, to: Station, in topology: Topology
  ) -> [HopLatency] {
    struct Hop: Hashable {
      var from: Hook
      var to: Hook
      var direction: LoadDirection
    }
    var histograms: [Hop: LatencyHistogram] = [:]
    var places: [Hop: (sum: Int, count: Int)] = [:]
    for trajectory in trajectories {
      guard let direction = direction(of: trajectory, from, to) else { continue }
      for (place, (first, second)) in zip(trajectory.sightings, trajectory.sightings.dropFirst()).enumerated()
      where second.time >= first.time && first.hook != second.hook {
        let hop = Hop(from: first.hook, to: second.hook, direction: direction)
        histograms[hop, default: LatencyHistogram()].record(second.time - first.time)
        places[hop, default: (0, 0)].sum += place
        places[hop, default: (0, 0)].count += 1
      }
    }
    // One that few took is an accident, such as the first frame, which waited for its neighbor.
    let most = histograms.values.map(\.total).max() ?? 0
    let usual = histograms.filter { $0.value.total * 10 >= most }
    let order = { (hop: Hop) -> Double in
      let place = places[hop] ?? (0, 1)
      return (hop.direction == .forward ? 0 : 1000) + Double(place.sum) / Double(max(place.count, 1))
    }
    return usual.sorted { order($0.key) < order($1.key) }.compactMap { hop, histogram in
      Percentiles(histogram).map {
        HopLatency(
          from: label(hop.from, topology), to: label(hop.to, topology), direction: hop.direction, time: $0)
      }
    }
  }

  private static func direction(of trajectory: Trajectory, _ from: Station, _ to: Station) -> LoadDirection? {
    guard trajectory.drops.isEmpty, let frame = trajectory.frame, frame.ip?.protocol == 17 else { return nil }
    if frame.destinationAddress == to.address, from.address == nil || frame.sourceAddress == from.address {
      return .forward
    }
    if frame.sourceAddress == to.address, from.address == nil || frame.destinationAddress == from.address {
      return .reverse
    }
    return nil
  }

  private static func label(_ hook: Hook, _ topology: Topology) -> String {
    let place = topology.interface(hook.interface)?.label ?? "\(hook.interface)"
    return "\(place), \(hook.direction == .ingress ? "in" : "out")"
  }
}
