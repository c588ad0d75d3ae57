import BPF
import CMacvtraceABI
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
public import TraceModel

/// Observes a parent interface and what sits on it, from the moment it is made until `stop()`.
///
/// Read-only: frames pass untouched, and no setting of an interface changes. Nothing stays attached when it ends;
/// when the process is killed, TCX links end with it and the next start sweeps what clsact leaves.
public final class CaptureSession {
  private var registry = HookRegistry()
  private var retirement = Retirement()
  private var programs: FramePrograms
  private let hooks = FrameHooks()
  private let table: CounterTable
  private let states: MappedArray
  private let reader: RecordReader
  private let tracing: KernelTracing
  private var topology: Topology
  private let forcedMechanism: HookMechanism?
  private var coexistence = Coexistence()
  private var symbols = KernelSymbols()
  private var notices = Notices()
  private var history = NetworkHistory()
  /// When everything of the first topology was attached, in nanoseconds of CLOCK_MONOTONIC.
  private var begin: UInt64 = 0
  /// When detaching began, in nanoseconds of CLOCK_MONOTONIC; `nil` while everything is attached.
  private var end: UInt64?
  private var isStopped: Bool { end != nil }

  /// Attaches the parent's hooks, which count from then on, then everything else.
  ///
  /// To be called in the parent's namespace. Throws `CaptureError` when not even the parent can be observed; what
  /// else cannot is a degradation of the observation.
  public convenience init(_ topology: Topology, options: CaptureOptions = CaptureOptions())
    throws(CaptureError)
  {
    try self.init(topology, CapturePreparation(options))
  }

  /// The same with what was loaded meanwhile.
  public init(_ topology: Topology, _ preparation: CapturePreparation) throws(CaptureError) {
    let options = preparation.options
    self.topology = topology
    forcedMechanism = options.mechanism
    do {
      programs = try preparation.programs()
      tracing = KernelTracing(maps: programs.maps, options: options)
      table = try CounterTable(counters: programs.maps.counters, overflows: programs.maps.overflows)
      states = try programs.maps.states.mapped()
      reader = RecordReader(ring: try RingBuffer(programs.maps.records), retention: options.retention)
      let host = try NetworkNamespace.current()
      let parent = topology.parent
      if let (_, failure) = try attach([parent], in: host, linked: [parent]).first { throw failure }
      try reader.start()
    } catch {
      throw Self.captureError(error, topology.parentInterface?.name ?? "the parent")
    }
    attachNew()
    watch(topology.interfaces)
    begin = MonotonicClock.now()
  }

  deinit { stop() }

  /// How an interface is attached; `nil` when it is not.
  public func mechanism(_ interface: InterfaceID) -> HookMechanism? { hooks.mechanism(interface) }
  /// Interfaces that are attached now.
  public var attachedCount: Int { hooks.attached.count }
  /// Hooks that see frames now: two for each interface, but where others leave no room or removed ours.
  public var hookCount: Int { hooks.hookCount }
  /// What one TCX attachment took, in nanoseconds.
  public var tcxCost: UInt64? { hooks.tcxCost }

  /// Follows a change: attaches what is new, keeps the counts of what is gone.
  ///
  /// Also to be called when the interfaces look the same: the kernel gives numbers again, and a container that was
  /// restarted between two looks has a new interface under its old name and numbers.
  public func update(_ topology: Topology) {
    let present = Set(topology.interfaces.map(\.id))
    let previous = self.topology
    self.topology = topology
    for gone in hooks.attached.subtracting(present).union(hooks.inspect(topology, since: previous)).sorted() {
      let last = previous.interface(gone)
      if let last, let new = hooks.destination(of: last, in: topology), !registry.hasNumber(new.id) {
        hooks.move(gone, to: new, in: topology)
        coexistence.move(gone, to: new.id)
        // What is still to be read came under the old name.
        _ = reader.catchUp()
        registry.move(gone, to: new.id)
        reader.use(registry)
        watch([new])
        history.moved(last, to: new)
        continue
      }
      hooks.forget(gone)
      retirement.add(gone, mac: last?.mac)
      if let last { history.vanished(last) }
    }
    tracing.unwatch(allBut: present)
    let new = attachNew()
    watch(new)
    for interface in new where hooks.attached.contains(interface.id) { history.appeared(interface) }
    harvest()
    for forgotten in history.forgetDeparted() {
      retirement.fold(forgotten)
      coexistence.forget(forgotten)
    }
  }

  /// Gives back what interfaces that are gone used; their counts stay in the observation.
  private func harvest() {
    guard retirement.isPending, !isStopped else { return }
    do {
      let used = Set(topology.interfaces.compactMap(\.mac))
      try retirement.harvest(table, &registry, reader, used: used, at: MonotonicClock.now())
    } catch {
      notices.add(
        Degradation(
          feature: "counters", consequence: "what interfaces that are gone used is not given back: \(error)"))
    }
  }

  /// Notes that the parent is gone, and what sat on it with it; observing goes on with what stands on the next one.
  public func lostParent() {
    if let parent = topology.parentInterface { history.parent(parent, isThere: false) }
    update(Topology(parent: topology.parent, interfaces: [], namespaces: topology.namespaces))
  }

  /// Attaches to a parent that is there again, and to what sits on it.
  public func foundParent(_ topology: Topology) {
    if let parent = topology.parentInterface { history.parent(parent, isThere: true) }
    update(topology)
  }

  /// What came and went so far.
  public var changes: [NetworkChange] { history.changes }

  /// Records drops and neighbor changes at those interfaces.
  private func watch(_ interfaces: [Interface]) {
    for interface in interfaces where !tracing.watch(interface.id) {
      notices.add(
        Degradation(feature: "drops", consequence: "no room to watch drops of \(interface.label)"))
    }
  }

  /// Attaches every interface that is not yet, namespace by namespace. Returns them.
  @discardableResult
  private func attachNew() -> [Interface] {
    let missing = topology.interfaces.filter { !hooks.attached.contains($0.id) && $0.id.namespace != 0 }
    guard !missing.isEmpty else { return [] }
    let linked = hooks.linked(of: missing)
    for inode in Set(missing.map(\.id.namespace)).sorted() {
      let own = missing.filter { $0.id.namespace == inode }
      do {
        let namespace = try NamespaceHandles.open(inode, in: topology)
        for (interface, error) in try attach(own.map(\.id), in: namespace, linked: linked) {
          unattached(interface, error)
        }
      } catch {
        for interface in own { unattached(interface.id, error) }
      }
    }
    return missing
  }

  /// Says that an interface is not observed, and why; each reason once, however often it is tried.
  private func unattached(_ interface: InterfaceID, _ error: any Error) {
    guard !hooks.attached.contains(interface) else { return }
    let label = topology.interface(interface)?.label ?? "\(interface)"
    let isGone = [Errno(rawValue: ENODEV), .noSuchFileOrDirectory].contains(Self.errno(of: error))
    notices.add(
      Degradation(
        feature: "hooks",
        consequence: isGone
          ? "\(label) vanished before it was attached: its frames are not counted"
          : "frames of \(label) are not seen there: \(error)"))
    // It has a number if it got that far.
    if registry.hasNumber(interface) { retirement.add(interface, mac: nil) }
    guard !isGone else { return }
    for direction in [Direction.ingress, .egress] {
      coexistence.note(
        blind: Hook(interface, direction), "macvtrace has no program at \(label), \(direction)")
    }
  }

  /// Looks at what others have attached to some interfaces of one namespace, then attaches ours before it. Returns those
  /// that could not be, and why.
  ///
  /// - Parameter linked: those that are attached by TCX links if the kernel has them, as are all of whom a filter sees less.
  private func attach(
    _ interfaces: [InterfaceID], in namespace: NetworkNamespace, linked: Set<InterfaceID>
  ) throws -> [(InterfaceID, any Error)] {
    var pending: [FrameHooks.Candidate] = []
    var failures: [(InterfaceID, any Error)] = []
    let reading = try InterfacePrograms.read(interfaces.map(\.ifindex), in: namespace)
    for interface in interfaces {
      guard let number = registry.ingressHook(interface) else {
        throw BPFError(
          .attach, "more than \(HookRegistry.limit) interfaces in one capture", errno: .tooManyLinks)
      }
      retirement.cancel(interface)
      guard let others = reading.programs[interface.ifindex] else {
        failures.append(
          (
            interface,
            NetlinkError("find interface number \(interface.ifindex)", errno: Errno(rawValue: ENODEV))
          ))
        continue
      }
      pending.append(
        FrameHooks.Candidate(interface: interface, ingressHook: number, others: others))
    }
    reader.use(registry)
    let cookie = reading.socket.namespaceCookie
    var filtered: [FrameHooks.Candidate] = []
    for one in pending {
      let isBest = linked.contains(one.interface) || one.others.hidesFramesFromFilters
      guard hooks.hasTCX, forcedMechanism.map({ $0 == .tcx }) ?? isBest else {
        filtered.append(one)
        continue
      }
      // One that vanished meanwhile leaves the others of its namespace attached.
      do {
        let identity = InterfaceIdentity(namespaceCookie: cookie, mac: one.others.mac)
        if try !hooks.attachTCX(one, programs, identity, in: namespace) { filtered.append(one) }
      } catch {
        failures.append((one.interface, error))
      }
    }
    if !filtered.isEmpty {
      failures += try hooks.attachFilters(filtered, programs.forFilters(), reading.socket).map { ($0, $1) }
    }
    for one in pending where hooks.attached.contains(one.interface) {
      if !one.others.isEmpty { coexistence.note(one.interface, one.others, hooks) }
      for direction in [Direction.ingress, .egress] where hooks.standing(one.interface, direction) == .nowhere
      {
        if case .none(let reason) = one.others.filterPlace(direction) {
          unseen(Hook(one.interface, direction), reason)
        }
      }
    }
    return failures
  }

  /// Says that a side of an interface is not observed for what others have there.
  private func unseen(_ hook: Hook, _ reason: String) {
    let label = Coexistence.label(hook, topology)
    coexistence.note(blind: hook, "macvtrace has no program at \(label): \(reason)")
    notices.add(Degradation(feature: "hooks", consequence: "frames at \(label) are not seen: \(reason)"))
  }

  /// Looks whether our programs still stand where they were attached, as often as it pays: to be called every 100 ms or
  /// so.
  ///
  /// - Returns: what somebody removed since the last call. It is not attached again: whoever removed it had a reason.
  @discardableResult public func check() -> [NetworkChange] {
    guard !isStopped else { return [] }
    hooks.inspect(topology)
    return noteRemovals()
  }

  private func noteRemovals() -> [NetworkChange] {
    let removals = hooks.removals
    hooks.removals = []
    return removals.map { removal in
      let place = Coexistence.label(removal.hook, topology)
      coexistence.note(
        blind: removal.hook, since: removal.lastSeen, "somebody removed macvtrace's program from \(place)")
      return history.programRemoved(removal.hook, at: place)
    }
  }

  /// Removes our filters, and looks once more at everybody's programs on the way: some of others came meanwhile, and what
  /// somebody removed in the last moments is no less removed.
  private func removeFilters() {
    hooks.inspectLinks(topology)
    let places = Dictionary(grouping: hooks.attached, by: \.namespace).sorted { $0.key < $1.key }
    for start in stride(from: 0, to: places.count, by: Self.slice) {
      removeFilters(at: places[start..<min(start + Self.slice, places.count)].map(\.value))
    }
  }

  /// So many namespaces are looked into at a time: each takes a descriptor.
  private static let slice = 64

  /// - Parameter places: the interfaces of each of some namespaces.
  private func removeFilters(at places: [[InterfaceID]]) {
    let readings = inParallel(places.map { ($0, hooks.filters(of: $0)) }) { [topology] interfaces, filters in
      Self.remove(filters, from: interfaces, in: topology)
    }
    for (interfaces, reading) in zip(places, readings) {
      guard let reading else { continue }
      hooks.inspect(interfaces, by: reading)
      for interface in interfaces {
        if let found = reading.programs[interface.ifindex] { coexistence.note(interface, found, hooks) }
      }
    }
  }

  /// Removes our filters from interfaces of one namespace. Returns what stood there before; `nil` where that could not be
  /// read.
  private static func remove(_ filters: OwnFilters, from interfaces: [InterfaceID], in topology: Topology)
    -> InterfacePrograms.Reading?
  {
    guard let inode = interfaces.first?.namespace,
      let namespace = try? NamespaceHandles.open(inode, in: topology)
    else { return nil }
    let reading = try? InterfacePrograms.read(interfaces.map(\.ifindex), in: namespace)
    if let socket = reading?.socket ?? (try? NetlinkSocket(in: namespace)) { filters.remove(by: socket) }
    return reading
  }

  /// What our programs ran so far, while the kernel's statistics were on (`ProgramStatistics`), by program: to be called
  /// before `stop()`.
  public func programRuns() -> [ProgramRuns] { ProgramRuns.of(hooks.interfaces, in: topology) }

  /// The counters as they are now; exact once `stop()` was called.
  public func counters() -> [Counter] { table.read(registry, retirement.archive).counters }

  /// Detaches everything and ends the reader. What was seen can still be read.
  public func stop() {
    guard !isStopped else { return }
    end = MonotonicClock.now()
    removeFilters()
    _ = noteRemovals()
    hooks.forgetAll()
    tracing.stop()
    reader.stop()
  }

  /// Puts what was seen so far into an observation.
  public func fill(_ observation: inout Observation) {
    harvest()
    // The thread may have looked a while ago.
    _ = reader.catchUp()
    let records = reader.records()
    let locations = symbols.functions(at: Set(records.drops.map(\.location)))
    let reading = table.read(registry, retirement.archive)
    observation.counters = reading.counters
    observation.foldedCounters = retirement.archive.folded
    observation.sightings = records.sightings
    observation.sightings.begin(at: begin)
    if let end { observation.sightings.end(at: end) }
    observation.drops = records.drops.map { record in
      let namespace = UInt64(record.namespace_inode)
      return Drop(
        time: record.time, packetID: record.packet_id == 0 ? nil : record.packet_id, namespace: namespace,
        interface: record.ifindex == 0 ? nil : InterfaceID(namespace: namespace, ifindex: record.ifindex),
        reason: record.reason == 0 ? nil : tracing.reasons[record.reason] ?? "reason \(record.reason)",
        location: locations[record.location], frame: RecordDecoder.frame(of: record))
    }.sorted { $0.time < $1.time }
    observation.neighborEvents = Self.changes(records.neighborEvents.sorted { $0.time < $1.time })
    observation.changes = history.changes
    observation.departed = history.departed.values.sorted { $0.id < $1.id }
    observation.loss = loss(records)
    observation.loss.changesForgotten = history.forgotten
    observation.loss.unknownHook = reading.framesAtUnknownHooks
    observation.otherPrograms = coexistence.otherPrograms(topology)
    observation.blindHooks = coexistence.blindHooks(topology)
    observation.degradations = tracing.degradations + notices.all + coexistence.degradations(topology)
  }

  /// The tracepoints also fire when nothing changed: keeps the changes.
  private static func changes(_ events: [NeighborEvent]) -> [NeighborEvent] {
    struct Entry: Hashable {
      var interface: InterfaceID
      var address: IPAddress
    }
    var last: [Entry: NeighborEvent] = [:]
    return events.filter { event in
      let entry = Entry(interface: event.interface, address: event.address)
      defer { last[entry] = event }
      return last[entry]?.state != event.state || last[entry]?.mac != event.mac
    }
  }

  private func loss(_ records: Records) -> Loss {
    var loss = Loss()
    let names = ["explains", "connection", "conversation", "sampled", "drop", "neighbor"]
    for cpu in 0..<possibleCPUCount() {
      let state = states.load(cpu, as: mvt_cpu_state.self)
      let budgets = [
        state.budget.0, state.budget.1, state.budget.2, state.budget.3, state.budget.4, state.budget.5,
      ]
      for (name, budget) in zip(names, budgets) {
        if budget.over_budget > 0 { loss.overBudget[name, default: 0] += budget.over_budget }
        loss.ringFull += budget.ring_full
      }
      loss.explainingFramesLost += budgets[0].over_budget + budgets[0].ring_full
      loss.counterKeysOverflowed += state.overflow_frames
      loss.counterBytesOverflowed += state.overflow_bytes
    }
    do {
      loss.counterKeysOverflowed += retirement.archive.overflowed.frames
      loss.counterBytesOverflowed += retirement.archive.overflowed.bytes
      loss.sampledOut = table.sampledOut()
      for (_, overflow) in try table.readOverflows(registry) {
        loss.counterKeysOverflowed += overflow.frames
        loss.counterBytesOverflowed += overflow.bytes
      }
    } catch {
      notices.add(Degradation(feature: "loss counters", consequence: "\(error)"))
    }
    loss.malformedRecords = records.malformed
    loss.forgotten = records.forgotten
    loss.explainingFramesLost += records.forgottenExplaining
    loss.missedRuns = tracing.missedRuns
    loss.sightingsDropped =
      loss.overBudget.values.reduce(0, +) + loss.ringFull + loss.malformedRecords + loss.forgotten
      + loss.missedRuns
    return loss
  }

  private static func errno(of error: any Error) -> Errno? {
    (error as? BPFError)?.errno ?? (error as? NetlinkError)?.errno ?? (error as? NamespaceError)?.errno
      ?? error as? Errno
  }

  private static func captureError(_ error: any Error, _ interface: String) -> CaptureError {
    let errno = errno(of: error) ?? .ioError
    // The verifier refuses with EACCES what its rules do not allow: that is no lack of privilege.
    let isRefused = (error as? BPFError)?.errno == .permissionDenied
    switch isRefused ? .notSupported : errno {
    case .notPermitted, .permissionDenied:
      return CaptureError(
        code: .notPermitted, message: "observe \(interface): \(error)", errno: errno,
        hint:
          "run it as root (sudo); in a container it needs CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON and CAP_SYS_ADMIN"
      )
    case Errno(rawValue: ENODEV), .noSuchAddressOrDevice, .noSuchFileOrDirectory:
      return CaptureError(
        code: .gone, message: "observe \(interface): \(error)", errno: errno,
        hint: "the interface vanished meanwhile: try again")
    case .invalidArgument, .notSupported, Errno(rawValue: ENOSYS):
      return CaptureError(
        code: .unsupported, message: "observe \(interface): \(error)", errno: errno,
        hint: "macvtrace needs Linux 5.10 or later with BPF: see `macvtrace doctor`")
    default:
      return CaptureError(
        code: .system, message: "observe \(interface): \(error)", errno: errno, hint: "see `macvtrace doctor`"
      )
    }
  }
}
