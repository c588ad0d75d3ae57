import TraceModel

/// What was read of a saved observation so far, and what becomes of it where the rest is missing.
struct ObservationReading {
  let head: HeadPart
  var counters: [Counter] = []
  var sightings: [Sighting] = []
  var drops: [Drop] = []
  var neighborEvents: [NeighborEvent] = []
  var changes: [NetworkChange] = []
  var after: Topology?
  var rest: RestPart?
  /// Whole blocks of a kind that this macvtrace does not know.
  var unknownBlocks = 0

  init(_ head: HeadPart) { self.head = head }

  /// Puts the observation together.
  ///
  /// - Throws: `TraceFileError` for numbers that no observation has.
  func observation(ending: BlockReader.Ending, blocks: Int, name: String) throws -> Observation {
    var observation = Observation(
      tool: head.tool, host: head.host, window: head.window, before: head.before, after: after ?? head.before)
    observation.counters = counters
    observation.sightings = sightings
    observation.drops = drops
    observation.neighborEvents = neighborEvents
    observation.changes = changes
    if let rest {
      observation.foldedCounters = rest.foldedCounters
      observation.departed = rest.departed
      observation.otherPrograms = rest.otherPrograms
      observation.blindHooks = rest.blindHooks
      observation.probeRun = rest.probeRun
      observation.verification = rest.verification
      observation.routeLookups = rest.routeLookups
      observation.far = Array(rest.far.prefix(2))
      observation.statesBefore = rest.statesBefore
      observation.observerNamespace = rest.observerNamespace
      observation.departedParent = rest.departedParent
      observation.containerNetworks = rest.containerNetworks
      observation.statesAfter = rest.statesAfter
      observation.hardware = rest.hardware
      observation.loss = rest.loss
      observation.degradations = rest.degradations
    }
    guard PlausibleNumbers.holds(observation) else {
      throw TraceFileError(
        .outOfBounds, "\(name) has numbers that no observation has: it was not written by macvtrace")
    }
    if ending != .whole {
      observation.degradations.append(
        Degradation(feature: "saved observation", consequence: consequence(ending, blocks, name)))
      limit(&observation)
    }
    if unknownBlocks > 0 {
      observation.degradations.append(
        Degradation(
          feature: "saved observation",
          consequence:
            "a later macvtrace wrote \(name): \(unknownBlocks) of its blocks are of a kind that this one does "
            + "not know, and were left out"))
    }
    return observation
  }

  private func consequence(_ ending: BlockReader.Ending, _ blocks: Int, _ name: String) -> String {
    let count = "\(blocks) of its \(head.totals.blocks) blocks were read"
    let missing =
      [
        ("counters", head.totals.counters - counters.count),
        ("sightings", head.totals.sightings - sightings.count),
        ("drops", head.totals.drops - drops.count),
        ("neighbor events", head.totals.neighborEvents - neighborEvents.count),
        ("changes", head.totals.changes - changes.count),
      ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
      + (after == nil ? ["the topology at the end"] : []) + (rest == nil ? ["the losses"] : [])
    let lost =
      missing.isEmpty ? "nothing but its end is missing" : "missing: \(missing.joined(separator: ", "))"
    return "\(ending == .cut ? "\(name) ends early" : "\(name) is damaged"): \(count); \(lost)"
  }

  /// Sees to it that nothing is concluded from the absence of what was cut off.
  private func limit(_ observation: inout Observation) {
    if head.totals.counters > counters.count {
      observation.blindHooks += head.before.interfaces.flatMap { interface in
        [Direction.ingress, .egress].map {
          BlindHook(Hook(interface.id, $0), reason: "the file was cut off before its counters ended")
        }
      }
    }
    let missing = max(0, head.totals.sightings - sightings.count)
    if missing > 0 {
      // They are in time order: until the last that is there nothing is missing, behind it everything is.
      observation.window.monotonicEnd = sightings.last?.time ?? head.window.monotonicStart
      observation.loss.sightingsDropped += UInt64(missing)
    }
    let explaining = max(0, head.totals.explaining - sightings.count { $0.reason == .explains })
    observation.loss.explainingFramesLost += UInt64(explaining)
    // Nobody knows what had been lost before the file was written: that none was must not be claimed.
    if rest == nil, explaining == 0 {
      observation.loss.explainingFramesLost += 1
      observation.loss.sightingsDropped = max(1, observation.loss.sightingsDropped)
    }
  }
}
