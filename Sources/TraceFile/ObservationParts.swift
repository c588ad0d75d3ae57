import TraceModel

/// The first part of a saved observation: what a reader needs to make something of the rest.
struct HeadPart: Codable {
  var tool: ToolInformation
  var host: HostInformation
  var window: ObservationWindow
  var before: Topology
  /// How much follows: what is missing can be told.
  var totals: Totals

  struct Totals: Codable, Equatable {
    /// With the head and the end.
    var blocks: Int
    var counters: Int
    var sightings: Int
    /// Sightings of frames that always explain.
    var explaining: Int
    var drops: Int
    var neighborEvents: Int
    var changes: Int
  }
}

/// The last part but the end: short lists, and what could not be seen.
struct RestPart: Codable {
  var foldedCounters: FoldedCounters
  var departed: [Interface]
  var otherPrograms: [OtherProgram]
  var blindHooks: [BlindHook]
  var probeRun: ProbeRun?
  var verification: VerificationRun?
  var routeLookups: [RouteLookup]
  var far: [Observation]
  var statesBefore: [SystemState]
  var statesAfter: [SystemState]
  var hardware: ParentHardware?
  var observerNamespace: UInt64?
  var departedParent: DepartedParent?
  var containerNetworks: [ContainerNetwork]
  var loss: Loss
  var degradations: [Degradation]
}
