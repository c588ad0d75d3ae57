/// A rule that could not be evaluated: its silence says nothing.
public struct NotEvaluated: Hashable, Codable, Sendable {
  /// The id of the cause.
  public var id: String
  /// What was missing.
  public var because: String

  /// States that a rule was not evaluated.
  public init(id: String, because: String) {
    self.id = id
    self.because = because
  }
}

/// The diagnostic report: the JSON contract `macvtrace.report/1`.
public struct Report: Hashable, Codable, Sendable {
  /// The name and version of this form.
  public static let schema = "macvtrace.report/1"

  /// `macvtrace.report/1`.
  public var schema: String
  /// Which macvtrace made the report.
  public var tool: ToolInformation
  /// The machine that was observed.
  public var host: HostInformation
  /// The time that was observed.
  public var window: ObservationWindow
  /// Every interface that was observed, also those that vanished.
  public var interfaces: [Interface]
  /// Every frame, by hook, VLAN and MAC pair.
  public var counters: [Counter]
  /// What was counted besides, for interfaces that left long ago.
  public var foldedCounters: FoldedCounters
  /// The root cause first.
  public var findings: [Finding]
  /// What became of a probe; `nil` where only live traffic was observed.
  public var explanation: Explanation?
  /// One verdict for each ordered pair of VLANs that the parent has sub-interfaces for; empty where there are fewer than
  /// two.
  public var vlanPaths: [VLANPath]
  /// How the ways between VLANs were verified; `nil`, and no key of the document, where they were not.
  public var verification: VerificationSummary?
  /// What came, went and was removed, in time order.
  public var changes: [NetworkChange]
  /// What each VLAN carried at the parent; empty where there is none.
  public var vlans: [VLANTraffic]
  /// Other tc, TCX and XDP programs on the observed interfaces, those of one interface in the order in which they run.
  public var otherPrograms: [OtherProgram]
  /// Hooks that did not see every frame.
  public var blindHooks: [BlindHook]
  /// What could not be recorded.
  public var loss: Loss
  /// What could not be looked at on this machine.
  public var degradations: [Degradation]
  /// The causes that could not be judged.
  public var notEvaluated: [NotEvaluated]
  /// The machines of a joined report, whose numbers the ids of interfaces begin with; `nil`, and no key of the document,
  /// where there is only one.
  public var hosts: [ObservedHost]?

  /// A report of nothing.
  init(tool: ToolInformation, host: HostInformation, window: ObservationWindow) {
    schema = Self.schema
    self.tool = tool
    self.host = host
    self.window = window
    interfaces = []
    counters = []
    foldedCounters = FoldedCounters()
    findings = []
    vlanPaths = []
    changes = []
    vlans = []
    otherPrograms = []
    blindHooks = []
    loss = Loss()
    degradations = []
    notEvaluated = []
  }

  /// Makes the report of an observation.
  public init(
    of observation: Observation, findings: [Finding], notEvaluated: [NotEvaluated] = [],
    explanation: Explanation? = nil, vlanPaths: [VLANPath] = []
  ) {
    self.init(tool: observation.tool, host: observation.host, window: observation.window)
    self.explanation = explanation
    self.vlanPaths = vlanPaths
    verification = observation.verification.map(VerificationSummary.init)
    let gone = observation.before.interfaces.filter { observation.after.interface($0.id) == nil }
    interfaces = observation.after.interfaces + gone
    let known = Set(interfaces.map(\.id))
    interfaces += observation.departed.filter { !known.contains($0.id) }
    // Findings may be about them.
    interfaces += observation.far.flatMap(\.after.interfaces).filter { !known.contains($0.id) }
    changes = observation.changes
    counters = observation.counters
    foldedCounters = observation.foldedCounters
    self.findings = findings
    vlans = observation.after.vlanTraffic(of: observation.counters)
    otherPrograms = observation.otherPrograms
    blindHooks = observation.blindHooks
    loss = observation.loss
    degradations = observation.degradations
    self.notEvaluated = notEvaluated
  }

  /// The interfaces as a topology, without what the namespaces know; `nil` when no parent is among them.
  public var topology: Topology? {
    guard let parent = interfaces.first(where: { $0.kind == .parent }) else { return nil }
    return Topology(parent: parent.id, interfaces: interfaces, namespaces: [])
  }

  private enum CodingKeys: String, CodingKey {
    case schema, tool, host, window, interfaces, counters, findings, explanation
    case foldedCounters = "folded_counters"
    case vlanPaths = "vlan_paths"
    case verification, vlans, changes
    case otherPrograms = "other_programs"
    case blindHooks = "blind_hooks"
    case loss, degradations
    case notEvaluated = "not_evaluated"
    case hosts
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  ///
  /// - Throws: `DecodingError` also for another schema.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    schema = try values.decode(String.self, forKey: .schema)
    guard schema == Self.schema else {
      throw DecodingError.dataCorruptedError(
        forKey: .schema, in: values, debugDescription: "not a \(Self.schema): \(schema)")
    }
    tool = try values.decode(ToolInformation.self, forKey: .tool)
    host = try values.decode(HostInformation.self, forKey: .host)
    window = try values.decode(ObservationWindow.self, forKey: .window)
    interfaces = try values.decode([Interface].self, forKey: .interfaces)
    counters = try values.decode([Counter].self, forKey: .counters)
    foldedCounters =
      try values.decodeIfPresent(FoldedCounters.self, forKey: .foldedCounters) ?? FoldedCounters()
    findings = try values.decode([Finding].self, forKey: .findings)
    explanation = try values.decodeIfPresent(Explanation.self, forKey: .explanation)
    vlanPaths = try values.decode([VLANPath].self, forKey: .vlanPaths)
    verification = try values.decodeIfPresent(VerificationSummary.self, forKey: .verification)
    vlans = try values.decodeIfPresent([VLANTraffic].self, forKey: .vlans) ?? []
    changes = try values.decodeIfPresent([NetworkChange].self, forKey: .changes) ?? []
    otherPrograms = try values.decodeIfPresent([OtherProgram].self, forKey: .otherPrograms) ?? []
    blindHooks = try values.decodeIfPresent([BlindHook].self, forKey: .blindHooks) ?? []
    loss = try values.decode(Loss.self, forKey: .loss)
    degradations = try values.decodeIfPresent([Degradation].self, forKey: .degradations) ?? []
    notEvaluated = try values.decodeIfPresent([NotEvaluated].self, forKey: .notEvaluated) ?? []
    hosts = try values.decodeIfPresent([ObservedHost].self, forKey: .hosts)
  }
}
