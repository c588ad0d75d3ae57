/// Which macvtrace made a report, and by which command.
public struct ToolInformation: Hashable, Codable, Sendable {
  /// macvtrace's own version.
  public var version: String
  /// The command: `attach`.
  public var command: String

  /// Names the tool.
  public init(version: String, command: String) {
    self.version = version
    self.command = command
  }
}

/// The machine that was observed.
public struct HostInformation: Hashable, Codable, Sendable {
  /// The machine's name, as `uname -n` prints it.
  public var name: String
  /// The kernel's release, as `uname -r` prints it.
  public var kernel: String

  /// Names the host.
  public init(name: String, kernel: String) {
    self.name = name
    self.kernel = kernel
  }
}

/// The time that an observation covers.
public struct ObservationWindow: Hashable, Codable, Sendable {
  /// RFC 3339 with nanoseconds, UTC.
  public var start: String
  /// RFC 3339 with nanoseconds, UTC.
  public var end: String
  /// From `start` to `end`.
  public var seconds: Double
  /// CLOCK_MONOTONIC at `start`, in nanoseconds: sightings' times are on that clock.
  public var monotonicStart: UInt64
  /// CLOCK_MONOTONIC at `end`, in nanoseconds.
  public var monotonicEnd: UInt64

  /// Makes a window.
  public init(
    start: String, end: String, seconds: Double, monotonicStart: UInt64 = 0, monotonicEnd: UInt64 = 0
  ) {
    self.start = start
    self.end = end
    self.seconds = seconds
    self.monotonicStart = monotonicStart
    self.monotonicEnd = monotonicEnd
  }

  private enum CodingKeys: String, CodingKey {
    case start, end, seconds
    case monotonicStart = "monotonic_start"
    case monotonicEnd = "monotonic_end"
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    start = try values.decode(String.self, forKey: .start)
    end = try values.decode(String.self, forKey: .end)
    seconds = try values.decode(Double.self, forKey: .seconds)
    monotonicStart = try values.decodeIfPresent(UInt64.self, forKey: .monotonicStart) ?? 0
    monotonicEnd = try values.decodeIfPresent(UInt64.self, forKey: .monotonicEnd) ?? 0
  }
}

/// Something that macvtrace wanted to see and could not, on this kernel or with these privileges.
public struct Degradation: Hashable, Codable, Sendable {
  /// The feature's name: `drop reasons`.
  public var feature: String
  /// What is lost, and why.
  public var consequence: String

  /// States a degradation.
  public init(feature: String, consequence: String) {
    self.feature = feature
    self.consequence = consequence
  }
}

/// Everything that was seen: the only input of the rules.
public struct Observation: Hashable, Codable, Sendable {
  /// Which macvtrace observed.
  public var tool: ToolInformation
  /// The machine that was observed.
  public var host: HostInformation
  /// The time that was observed.
  public var window: ObservationWindow
  /// The topology and state when observing began.
  public var before: Topology
  /// The topology and state when it ended (or last could be read).
  public var after: Topology
  /// Every frame, by hook, VLAN and MAC pair.
  public var counters: [Counter] = []
  /// What was counted besides, for interfaces that left long ago.
  public var foldedCounters = FoldedCounters()
  /// In time order.
  public var sightings: [Sighting] = []
  /// In time order.
  public var drops: [Drop] = []
  /// In time order.
  public var neighborEvents: [NeighborEvent] = []
  /// What came, went and was removed, in time order.
  public var changes: [NetworkChange] = []
  /// Interfaces that were observed and are in neither topology, as they were last seen.
  public var departed: [Interface] = []
  /// Other tc, TCX and XDP programs on the observed interfaces, those of one interface in the order in which they run.
  public var otherPrograms: [OtherProgram] = []
  /// Hooks that did not see every frame.
  public var blindHooks: [BlindHook] = []
  /// What was tried on purpose; `nil` where only live traffic was observed.
  public var probeRun: ProbeRun?
  /// What was tried between the parent's VLANs; `nil` where they were not verified.
  public var verification: VerificationRun?
  /// What was seen meanwhile at the other parents of this machine that the probe's target and the sender's router sit on: at
  /// most two.
  public var far: [Observation] = []
  /// What kernels said of the ways between those who failed to reach each other.
  public var routeLookups: [RouteLookup] = []
  /// What the namespaces said of themselves when observing began; those that were read.
  public var statesBefore: [SystemState] = []
  /// The same when it ended.
  public var statesAfter: [SystemState] = []
  /// What the parent is made of; `nil` where that was not read.
  public var hardware: ParentHardware?
  /// The inode of the namespace of who observed, where that is told: it may be another than the parent's.
  public var observerNamespace: UInt64?
  /// What became of the parent, where it left meanwhile; an interface of its name may have come since.
  public var departedParent: DepartedParent?
  /// Networks of the container engine that have macvlan or ipvlan for their driver.
  public var containerNetworks: [ContainerNetwork] = []
  /// What could not be recorded.
  public var loss = Loss()
  /// What could not be looked at on this machine.
  public var degradations: [Degradation] = []

  /// Makes an observation in which nothing was seen yet.
  public init(
    tool: ToolInformation, host: HostInformation, window: ObservationWindow, before: Topology, after: Topology
  ) {
    self.tool = tool
    self.host = host
    self.window = window
    self.before = before
    self.after = after
  }
}
