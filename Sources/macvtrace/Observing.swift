import LinuxNamespaces
import TraceCapture
import TraceDiagnosis
import TraceDiscovery
import TraceFile
import TraceModel

/// One observation of a parent, from attaching to the values that rules judge.
struct Observing {
  let session: CaptureSession
  let live: LiveTopology
  let start: Instant
  private var before: Topology
  private var limitations: [Degradation]
  private let states: BackgroundValue<[SystemState]>
  private let hardware: HardwareReader

  /// Attaches to the parent of that name in the calling thread's namespace, after whatever a killed one left there is
  /// gone.
  ///
  /// - Parameter sysfs: where sysfs is; another machine's for tests.
  init(_ parent: String, options: CaptureOptions = CaptureOptions(), sysfs: String = HardwareReader.sysfs)
    throws
  {
    hardware = HardwareReader(sysfs)
    // Beside the look at the network.
    let preparation = CapturePreparation(options, parent: parent)
    live = try LiveTopology(parent: parent)
    before = live.topology
    limitations = live.limitations
    // Before anything is attached: a clsact that a killed one made is removed only while it is empty.
    let swept = FilterSweeper.sweep(before, remove: true).filter(\.swept).count
    if swept > 0 { Console.say("removed \(swept) filters that a killed macvtrace had left attached") }
    session = try CaptureSession(before, preparation)
    // What came while hook after hook was attached is counted, but was not seen everywhere.
    start = Instant.now()
    // Beside what follows, where it would take long.
    states = BackgroundValue { [before] in StateCollector.states(of: before) }
    if before.namespaces.count <= 16 { settle() }
  }

  /// `3 interfaces, 6 hooks`.
  var extent: String {
    let count = session.attachedCount
    return "\(count) interface\(count == 1 ? "" : "s"), \(session.hookCount) hooks"
  }

  /// Waits until everything is known that has to be before traffic begins.
  func settle() { _ = states.value }

  /// Detaches, and puts together what was seen.
  mutating func finish(_ command: String) -> Observation {
    // What comes while hook after hook is detached is no longer seen everywhere.
    let end = Instant.now()
    session.stop()
    var after = live.topology
    // The parent may be gone: then the last topology that was seen stands.
    if live.isParentThere, let name = after.parentInterface?.name,
      let latest = try? TopologyScanner(parent: name).scan(limitations: &limitations)
    {
      after = latest
    }
    before.name(asIn: after)
    for limitation in live.limitations where !limitations.contains(limitation) {
      limitations.append(limitation)
    }
    var observation = Observation(
      tool: Tool.information(command), host: Tool.host(), window: start.window(to: end),
      before: before, after: after)
    session.fill(&observation)
    observation.containerNetworks = DockerEngine().networks()
    // One that was there again is another one, and its children may not be.
    if session.changes.contains(where: { $0.kind == .parentGone }) {
      observation.departedParent = DepartedParent.find(before)
    }
    observation.statesBefore = states.value
    observation.routeLookups = RouteCollector.lookups(RouteQuestions.about(observation), in: after)
    observation.hardware = after.parentInterface.map(hardware.hardware)
    observation.statesAfter = StateCollector.states(of: after)
    limitations += [StateCollector.limitation(of: before) ?? StateCollector.limitation(of: after)].compactMap(
      \.self)
    limitations += after.childRestrictions.filter(\.forbidsMacvlan).map {
      Degradation(feature: "children", consequence: $0.text)
    }
    limitations += after.blindSpots
    for limitation in limitations where !observation.degradations.contains(limitation) {
      observation.degradations.append(limitation)
    }
    return observation
  }

  /// Whether that went well; where it did not, it is said, and the report is printed all the same.
  static func save(_ observation: Observation, to file: OutputFile?) -> Bool {
    do {
      try file?.write { try ObservationWriter(to: $0).write(observation) }
      return true
    } catch {
      Console.complain("\(error)")
      return false
    }
  }
}
