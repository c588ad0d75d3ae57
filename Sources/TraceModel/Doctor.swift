/// Whether something that macvtrace uses is there.
public enum CheckStatus: String, Codable, Sendable, CaseIterable, Comparable {
  case ok
  /// Absent, and something else takes its place: macvtrace sees less, or costs more.
  case degraded
  /// Absent, and macvtrace cannot do its main job.
  case missing

  /// Orders from `ok` to `missing`.
  public static func < (left: CheckStatus, right: CheckStatus) -> Bool { left.rank < right.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// One thing that macvtrace needs of the machine, and whether it is there.
public struct DoctorCheck: Hashable, Codable, Sendable {
  /// What was looked for: `TCX links`.
  public var name: String
  /// Whether it is there.
  public var status: CheckStatus
  /// What was found: `BPF_LINK_CREATE answers ENODEV`.
  public var detail: String
  /// What a reader loses by it and what to do; empty while all is well.
  public var consequence: String

  /// States a check.
  public init(_ name: String, _ status: CheckStatus, detail: String, consequence: String = "") {
    self.name = name
    self.status = status
    self.detail = detail
    self.consequence = consequence
  }
}

/// A hook that would be used, and how it would be attached.
public struct PlannedHook: Hashable, Codable, Sendable {
  /// The hook: `ingress of the parent` or `skb:kfree_skb`.
  public var hook: String
  /// The way to attach there: `TCX link`, `clsact filter`, `tp_btf`.
  public var mechanism: String
  /// Why that way was chosen among those that the kernel offers.
  public var why: String

  /// States a plan.
  public init(hook: String, mechanism: String, why: String) {
    self.hook = hook
    self.mechanism = mechanism
    self.why = why
  }
}

/// Where macvtrace's program would stand among the others on one side of an interface.
public struct PlannedPlace: Hashable, Codable, Sendable {
  /// The interface and the side.
  public var hook: Hook
  /// `TCX link` or `clsact filter`; `nil` where it cannot stand at all.
  public var mechanism: String?
  /// A filter's priority.
  public var priority: UInt16?
  /// Why there, and what it cannot see there.
  public var why: String

  /// States a plan.
  public init(_ hook: Hook, mechanism: String?, priority: UInt16? = nil, why: String) {
    self.hook = hook
    self.mechanism = mechanism
    self.priority = priority
    self.why = why
  }
}

/// Something that an earlier macvtrace left behind when it was killed.
public struct Leftover: Hashable, Codable, Sendable {
  /// The interface and its namespace: `eth0 in bbox1`.
  public var interface: String
  /// What is there: `clsact filter macvtrace, ingress`.
  public var what: String
  /// Whether it was removed just now.
  public var swept: Bool

  /// States a leftover.
  public init(interface: String, what: String, swept: Bool) {
    self.interface = interface
    self.what = what
    self.swept = swept
  }
}

/// Whether this machine can run macvtrace: the JSON form `macvtrace.doctor/1`.
public struct DoctorReport: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.doctor/1"

  /// `macvtrace.doctor/1`.
  public var schema: String
  /// Which macvtrace looked.
  public var tool: ToolInformation
  /// The machine.
  public var host: HostInformation
  /// What is needed, in the order in which it is used.
  public var checks: [DoctorCheck]
  /// How the hooks would be attached; empty when they cannot be.
  public var hooks: [PlannedHook]
  /// What killed predecessors left attached.
  public var leftovers: [Leftover]
  /// The interfaces that were looked at: those of the parent that was named, else of all.
  public var interfaces: [Interface]
  /// The programs that stand there, those of one interface in the order in which they run.
  public var otherPrograms: [OtherProgram]
  /// Where macvtrace's own would stand: on each side that has others, and on each of the parent that was named.
  public var places: [PlannedPlace]

  /// Puts a report together.
  public init(
    tool: ToolInformation, host: HostInformation, checks: [DoctorCheck], hooks: [PlannedHook] = [],
    leftovers: [Leftover] = [], interfaces: [Interface] = [], otherPrograms: [OtherProgram] = [],
    places: [PlannedPlace] = []
  ) {
    schema = Self.schema
    self.tool = tool
    self.host = host
    self.checks = checks
    self.hooks = hooks
    self.leftovers = leftovers
    self.interfaces = interfaces
    self.otherPrograms = otherPrograms
    self.places = places
  }

  private enum CodingKeys: String, CodingKey {
    case schema, tool, host, checks, hooks, leftovers, interfaces
    case otherPrograms = "other_programs"
    case places
  }

  /// The worst of the checks; `ok` without any.
  public var status: CheckStatus { checks.map(\.status).max() ?? .ok }
}
