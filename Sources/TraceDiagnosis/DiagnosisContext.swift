import NetworkAddresses
import TraceModel

/// An observation with what every rule asks of it, worked out once.
struct DiagnosisContext {
  let observation: Observation
  /// The latest topology in which the parent exists.
  let topology: Topology
  let parent: Interface
  let trajectories: [Trajectory]
  /// Attempts that failed and that no rule has explained yet: their last tries were waited for long enough, and nothing
  /// came back.
  private(set) var failures: [Attempt] = []
  /// What was asked and answered.
  let flows: [FlowTraffic]
  /// Flows whose failure a rule has explained: the rules after it are silent about them.
  private(set) var explained: Set<Flow> = []
  private var explainedAttempts: [Attempt] = []
  /// Who said to have which address.
  private(set) var claims = AddressClaims()
  private let interfaces: [InterfaceID: Interface]
  private let localMACs: Set<MACAddress>
  private let childIDs: Set<InterfaceID>
  private let localAddresses: Set<IPAddress>
  private let blindHooks: [Hook: BlindHook]
  private let hookless: Set<IPAddress>
  private let lowers: Set<InterfaceID>
  private let takenByPassthru: Set<InterfaceID>
  private let statesBefore: [UInt64: SystemState]
  private let statesAfter: [UInt64: SystemState]

  /// How long an answer may take before its absence means something.
  static let patience: UInt64 = 1_000_000_000

  /// `nil` when the observation has no parent.
  init?(_ observation: Observation) {
    let topology = observation.after.parentInterface == nil ? observation.before : observation.after
    guard let parent = topology.parentInterface else { return nil }
    self.observation = observation
    self.topology = topology
    self.parent = parent
    trajectories = TrajectoryJoiner.join(observation.sightings, observation.drops)
    let scope = ProbeScope(observation, topology, trajectories)
    let isBeside = Self.isBeside(observation.probeRun)
    flows = FlowTraffic.all(trajectories).filter {
      (scope?.covers($0.flow.asker, $0.flow.target) ?? true)
        && !($0.flow.kind == .echo && isBeside($0.flow.target))
    }
    interfaces = Dictionary(topology.interfaces.map { ($0.id, $0) }) { first, _ in first }
    localMACs = Set(topology.interfaces.compactMap(\.mac))
    childIDs = Set(topology.children.map(\.id))
    localAddresses = Set(topology.namespaces.flatMap(\.localAddresses))
    hookless = Set(
      topology.children.filter { $0.kind == .ipvlan && $0.mode == .l3s }.flatMap {
        $0.addresses.map(\.address)
      })
    lowers = Set(
      topology.interfaces.filter { !$0.kind.isChild && $0.id.namespace == parent.id.namespace }.map(\.id))
    takenByPassthru = Set(
      topology.children.filter { $0.mode == .passthru && $0.up }.compactMap(\.parent))
    statesBefore = Dictionary(observation.statesBefore.map { ($0.namespace, $0) }) { first, _ in first }
    statesAfter = Dictionary(observation.statesAfter.map { ($0.namespace, $0) }) { first, _ in first }
    blindHooks = Dictionary(observation.blindHooks.map { ($0.hook, $0) }) { $0.since <= $1.since ? $0 : $1 }
    claims = AddressClaims(self)
    let end = observation.window.monotonicEnd
    let tooBig = trajectories.filter { trajectory in
      trajectory.frame?.destinationAddress.map { trajectory.frame?.isTooBig(for: $0) == true } == true
        && !trajectory.drops.contains(where: FilterCase.isFiltered)
    }
    failures = AttemptFinder(context: self).attempts().compactMap { attempt in
      if let scope, !scope.covers(attempt.source, attempt.target) { return nil }
      if attempt.kind == .echo, isBeside(attempt.target) { return nil }
      var judged = attempt
      // What was answered unseen has not failed.
      judged.unanswered.removeAll {
        !sees(answerHook(attempt.asker), from: $0.start) || isTold($0, attempt, tooBig)
      }
      guard let first = judged.unanswered.first, end >= first.start, end - first.start >= Self.patience else {
        return nil
      }
      return judged
    }
  }

  /// Which target gets echo requests for their size alone, while something else is what it is asked: whether it answers
  /// them at all is not the question.
  private static func isBeside(_ run: ProbeRun?) -> (IPAddress) -> Bool {
    guard let run, run.protocol != .icmp, run.probes.contains(where: { $0.size != nil }) else {
      return { _ in false }
    }
    return { $0 == run.to.address }
  }

  /// Whether somebody told the asker that this request was too big: the next one will be smaller.
  private func isTold(_ request: Trajectory, _ attempt: Attempt, _ messages: [Trajectory]) -> Bool {
    guard attempt.kind != .resolution, let length = request.sightings.first?.packetLength,
      length > (attempt.target.isIPv4 ? 576 : 1280)
    else { return false }
    return messages.contains { message in
      message.frame?.destinationAddress == attempt.source && message.start >= request.start
        && message.start - request.start <= Self.patience && message.passed(answerHook(attempt.asker))
    }
  }

  /// Takes out the failures for which a reason was found.
  mutating func explain(_ attempts: [Attempt]) {
    guard !attempts.isEmpty else { return }
    explainedAttempts += attempts
    let explained = Set(attempts.map(\.key))
    failures.removeAll { explained.contains($0.key) }
  }

  /// Notes why these flows fail.
  mutating func explain(_ flows: Set<Flow>) {
    guard !flows.isEmpty else { return }
    explained.formUnion(flows)
    failures.removeAll { attempt in flows.contains { $0.contains(attempt) } }
  }

  func isExplained(_ flow: Flow) -> Bool {
    explained.contains(flow) || explainedAttempts.contains(where: flow.contains)
  }

  /// Where the asker hears what it asked for.
  private func answerHook(_ asker: Attempt.Asker) -> Hook {
    switch asker {
    case .host(let id): Hook(id, .ingress)
    case .child(let id): Hook(id, .ingress)
    case .wire: parentOut
    }
  }

  var parentIn: Hook { Hook(parent.id, .ingress) }
  var parentOut: Hook { Hook(parent.id, .egress) }

  /// The packets that were recorded coming in at the parent.
  var arrivals: [Sighting] { observation.sightings.filter { $0.hook == parentIn } }
  /// The first and the last time that something was recorded coming in at the parent: in between it was certainly watched.
  var heard: ClosedRange<UInt64>? {
    let times = observation.sightings.lazy.filter { $0.hook == parentIn }.map(\.time)
    guard let first = times.min(), let last = times.max() else { return nil }
    return first...last
  }

  /// Whether no frame that explains is missing: while true, not seen means not there.
  var isComplete: Bool { observation.loss.explainingFramesLost == 0 }
  /// Whether the hook saw every frame that came to it for as long as an answer to a frame of that time may take.
  func sees(_ hook: Hook, from time: UInt64) -> Bool {
    guard let since = blindHooks[hook]?.since else { return true }
    return since >= time && since - time >= Self.patience
  }

  /// Why frames of failed attempts may have been at one of these hooks though they were not seen there; `nil` while not
  /// seen means not there.
  func gap(at hooks: [Hook], _ attempts: [Attempt]) -> String? {
    if !isComplete { return "some frames were not recorded" }
    let tries = attempts.flatMap(\.unanswered)
    for hook in hooks {
      if let blind = blindHooks[hook], tries.contains(where: { !sees(hook, from: $0.start) }) {
        return blind.reason
      }
      let isXDP = { (program: OtherProgram) in program.place == .xdp && program.interface == hook.interface }
      if hook.direction == .ingress, let program = observation.otherPrograms.first(where: isXDP) {
        let label = interface(hook.interface)?.label ?? "\(hook.interface)"
        return "the \(program.label) at \(label) may keep frames before macvtrace sees them"
      }
    }
    return nil
  }

  func isLocal(_ mac: MACAddress) -> Bool { localMACs.contains(mac) }
  func isChild(_ id: InterfaceID) -> Bool { childIDs.contains(id) }
  /// Whether any namespace that is known has that address.
  func isLocal(_ address: IPAddress) -> Bool { localAddresses.contains(address) }
  /// Whether a namespace has that address.
  func isLocal(_ address: IPAddress, in namespace: UInt64) -> Bool {
    topology.namespace(namespace)?.localAddresses.contains(address) ?? false
  }
  /// Whether the address is a child's that the IP layer hands to what comes in, above the child's hooks: ipvlan in mode
  /// l3s. It has heard what came in at the parent.
  func isHookless(_ address: IPAddress) -> Bool { hookless.contains(address) }
  func interface(_ id: InterfaceID) -> Interface? { interfaces[id] }

  /// Whether the interface lives beside the parent, as a shim does.
  func isInHostNamespace(_ interface: Interface) -> Bool { interface.id.namespace == parent.id.namespace }

  /// Whether it is the parent or a VLAN sub-interface beside it: what this host sends and hears through.
  func isLower(_ id: InterfaceID) -> Bool { lowers.contains(id) }
  /// Whether a macvlan child in passthru mode takes all that the interface receives.
  func isTakenByPassthru(_ id: InterfaceID) -> Bool { takenByPassthru.contains(id) }
  /// The interface beside the parent, or the parent itself, that a child sits on.
  func lower(of child: Interface) -> Interface? {
    child.parent.flatMap { isLower($0) ? interface($0) : nil }
  }
  /// The VLAN sub-interface beside the parent that takes frames with that outer tag.
  func subinterface(of tag: VLANTag?) -> Interface? {
    guard let tag else { return nil }
    return topology.interfaces.first {
      $0.kind == .vlan && $0.parent == parent.id && $0.vlan == tag.vlanID && lowers.contains($0.id)
        && ($0.vlanProtocol ?? .ieee8021Q) == VLANProtocol(etherType: tag.protocolID)
    }
  }

  /// The child, in a namespace of its own, that owns the address.
  func child(owning address: IPAddress) -> Interface? {
    topology.children.first { $0.owns(address) && !isInHostNamespace($0) }
  }

  /// The child that sent a frame, by its MAC address; where the parent or other children have that, too, as with
  /// ipvlan, by its IP address.
  func child(sending frame: Frame) -> InterfaceID? {
    let candidates = topology.children(withMAC: frame.source)
    let isParents = frame.source == parent.mac
    if candidates.count == 1, !isParents { return candidates[0].id }
    let owner = frame.sourceAddress.flatMap { address in candidates.first { $0.owns(address) } }
    return owner?.id ?? (isParents ? nil : candidates.first?.id)
  }

  /// Children whose namespace could not be entered: their addresses are not known.
  var hiddenChildren: [Interface] { topology.children.filter { $0.id.namespace == 0 } }

  /// Whether the address is the parent's or another of its namespace's.
  func isHostAddress(_ address: IPAddress) -> Bool {
    isLocal(address, in: parent.id.namespace)
  }

  /// Whether the parent is there and can carry frames at all.
  var parentWorks: Bool { parent.up && parent.carrier && !isParentGone }

  /// Whether the parent left, and nothing of its name has come back since.
  var isParentGone: Bool {
    observation.departedParent != nil
      && observation.changes.last { [.parentGone, .parentReturned].contains($0.kind) }?.kind
        != .parentReturned
  }

  /// What a namespace said of itself last; `nil` where it was not read.
  func state(_ namespace: UInt64) -> SystemState? { statesAfter[namespace] ?? statesBefore[namespace] }

  /// What a namespace said of itself when observing began; `nil` where it was not read.
  func stateBefore(_ namespace: UInt64) -> SystemState? { statesBefore[namespace] }

  /// By how much a protocol's counter of a namespace rose; `nil` where it was not read twice.
  func increase(_ counter: String, in namespace: UInt64) -> UInt64? {
    guard let first = statesBefore[namespace]?.counters[counter],
      let last = statesAfter[namespace]?.counters[counter]
    else { return nil }
    return last >= first ? last - first : 0
  }

  /// Where a packet came into a namespace that is to take it; `nil` where it was not seen there. The parent sees its
  /// children's frames, too: what is theirs has another MAC address.
  func arrival(_ trajectory: Trajectory, in namespace: UInt64) -> Sighting? {
    trajectory.sightings.first { sighting in
      let id = sighting.hook.interface
      guard sighting.hook.direction == .ingress, id.namespace == namespace else { return false }
      return !isLower(id)
        || !isTakenByPassthru(id) && sighting.frame.destination == interface(id)?.mac
    }
  }

  /// The namespace on this machine that has the address; `nil` for somebody elsewhere, or for a link-local address.
  func home(of address: IPAddress) -> UInt64? {
    address.isLinkLocal || address.isLoopback
      ? nil : topology.namespaces.first { $0.localAddresses.contains(address) }?.id
  }

  /// A setting under /proc/sys/net of a namespace; `nil` where it was not read.
  func setting(_ path: String, in namespace: UInt64) -> String? {
    topology.namespace(namespace)?.sysctls[path]
  }

  /// What a namespace's kernel said of the way to an address; `nil` where it was not asked.
  func lookup(to destination: IPAddress, in namespace: UInt64) -> RouteLookup? {
    observation.routeLookups.first { $0.destination == destination && $0.namespace == namespace }
  }

  /// Frames that the interface received from a MAC address: exact.
  func received(by interface: InterfaceID, from source: MACAddress) -> UInt64 {
    observation.counters.reduce(0) { sum, counter in
      counter.interface == interface && counter.direction == .ingress && counter.source == source
        ? sum + counter.frames : sum
    }
  }

  /// What came in at the parent, after the first try, of what the attempt asked for.
  func answersAtParent(_ attempt: Attempt) -> [Sighting] {
    guard let first = attempt.unanswered.first?.start else { return [] }
    return observation.sightings.filter {
      $0.hook == parentIn && $0.time >= first && attempt.isAnswered(by: $0.frame)
    }
  }

  /// Frames that came in at the parent from beyond this host, but for those that a switch port sends that carries nothing
  /// else.
  var framesFromWire: UInt64 {
    observation.counters.reduce(0) { sum, counter in
      counter.interface == parent.id && counter.direction == .ingress && !isLocal(counter.source)
        && !LinkLocalGroup.isSpoken(byBlocked: counter.destination)
        ? sum + counter.frames : sum
    }
  }

  /// The drops of a failed attempt, by reason, as evidence.
  func dropEvidence(_ attempt: Attempt) -> [Evidence] {
    var counts: [String: Int] = [:]
    for drop in attempt.unanswered.flatMap(\.drops) {
      let place = drop.location.map { " at \($0)" } ?? ""
      counts["\(drop.reason ?? "dropped")\(place)", default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { Evidence(.drop, "\($0.value) of them freed: \($0.key)") }
  }

  /// What the asker's namespace knows of the target's MAC address, as evidence.
  func neighborEvidence(_ target: IPAddress, in namespace: UInt64) -> [Evidence] {
    let events = observation.neighborEvents.filter {
      $0.address == target && $0.interface.namespace == namespace && $0.state == .failed
    }
    if !events.isEmpty {
      return [Evidence(.neighbor, "the kernel gave up resolving \(target): its neighbor entry became FAILED")]
    }
    let entry = topology.namespace(namespace)?.neighbors.first { $0.address == target }
    return entry.map {
      [Evidence(.neighbor, "the neighbor entry of \(target) is \($0.state.rawValue.uppercased())")]
    }
      ?? []
  }
}
