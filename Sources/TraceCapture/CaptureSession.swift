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
  private let programs: FramePrograms
  private let hooks = FrameHooks()
  private let table: CounterTable
  private let states: MappedArray
  private let reader: RecordReader
  private let tracing: KernelTracing
  private var topology: Topology
  private var notices: [Degradation] = []
  private var history = NetworkHistory()
  private var isStopped = false

  /// Attaches the parent's hooks, which count from then on, then everything else.
  ///
  /// To be called in the parent's namespace. Throws `CaptureError` when not even the parent can be observed; what
  /// else cannot is a degradation of the observation.
  public init(_ topology: Topology, options: CaptureOptions = CaptureOptions()) throws(CaptureError) {
    self.topology = topology
    do {
      let isPreemptible = ProcFS.read("/sys/kernel/realtime")?.first == "1"
      programs = try FramePrograms(options: options, preemptible: isPreemptible)
      tracing = KernelTracing(maps: programs.maps, options: options)
      table = try CounterTable(counters: programs.maps.counters, overflows: programs.maps.overflows)
      states = try programs.maps.states.mapped()
      reader = RecordReader(ring: try RingBuffer(programs.maps.records), retention: options.retention)
      let host = try NetworkNamespace.current()
      guard let number = registry.ingressHook(topology.parent) else {
        throw BPFError(.attach, "number the parent's hooks", errno: .invalidArgument)
      }
      reader.use(registry)
      let entries = try programs.hooks(ifindex: topology.parent.ifindex, ingressHook: number)
      if try !hooks.attachTCX(topology.parent, entries, in: host),
        let (_, failure) = try hooks.attachFilters([(topology.parent, entries)], in: host).first
      {
        throw failure
      }
      try reader.start()
    } catch {
      throw Self.captureError(error, topology.parentInterface?.name ?? "the parent")
    }
    attachNew()
    watch(topology.interfaces)
  }

  deinit { stop() }

  /// How an interface is attached; `nil` when it is not.
  public func mechanism(_ interface: InterfaceID) -> HookMechanism? { hooks.mechanism(interface) }
  /// Interfaces that are attached now.
  public var attachedCount: Int { hooks.attached.count }
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
    for gone in hooks.attached.subtracting(present).union(hooks.lost(topology)).sorted() {
      let last = previous.interface(gone)
      tracing.unwatch(gone)
      if let last, let new = hooks.destination(of: last, in: topology) {
        hooks.move(gone, to: new.id)
        registry.move(gone, to: new.id)
        reader.use(registry)
        watch([new])
        history.moved(last, to: new)
        continue
      }
      hooks.forget(gone)
      if let last { history.vanished(last) }
    }
    let new = attachNew()
    watch(new)
    for interface in new where hooks.attached.contains(interface.id) { history.appeared(interface) }
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
      notices.append(
        Degradation(feature: "drops", consequence: "no room to watch drops of \(interface.label)"))
    }
  }

  /// Attaches every interface that is not yet, namespace by namespace. Returns them.
  @discardableResult
  private func attachNew() -> [Interface] {
    let missing = topology.interfaces.filter { !hooks.attached.contains($0.id) && $0.id.namespace != 0 }
    guard !missing.isEmpty else { return [] }
    let mechanism = hooks.choice(for: missing.count)
    for inode in Set(missing.map(\.id.namespace)).sorted() {
      let own = missing.filter { $0.id.namespace == inode }
      do {
        let namespace = try NamespaceHandles.open(inode, in: topology)
        try attach(own, in: namespace, by: mechanism)
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
    let notice = Degradation(
      feature: "hooks",
      consequence: isGone
        ? "\(label) vanished before it was attached: its frames are not counted"
        : "frames of \(label) are not seen there: \(error)")
    if !notices.contains(notice) { notices.append(notice) }
  }

  private func attach(_ interfaces: [Interface], in namespace: NetworkNamespace, by mechanism: HookMechanism)
    throws
  {
    var pending: [(InterfaceID, HookPrograms)] = []
    for interface in interfaces {
      guard let number = registry.ingressHook(interface.id) else {
        throw BPFError(
          .attach, "more than \(HookRegistry.limit) interfaces in one capture", errno: .tooManyLinks)
      }
      pending.append(
        (interface.id, try programs.hooks(ifindex: interface.id.ifindex, ingressHook: number)))
    }
    reader.use(registry)
    if mechanism == .tcx {
      var left: [(InterfaceID, HookPrograms)] = []
      for (interface, entries) in pending {
        // One that vanished meanwhile leaves the others of its namespace attached.
        do {
          if try !hooks.attachTCX(interface, entries, in: namespace) { left.append((interface, entries)) }
        } catch {
          unattached(interface, error)
        }
      }
      pending = left
    }
    guard !pending.isEmpty else { return }
    for (interface, failure) in try hooks.attachFilters(pending, in: namespace) {
      unattached(interface, failure)
    }
  }

  /// The counters as they are now; exact once `stop()` was called.
  public func counters() -> [Counter] { table.read(registry).counters }

  /// Detaches everything and ends the reader. What was seen can still be read.
  public func stop() {
    guard !isStopped else { return }
    isStopped = true
    hooks.detachAll(topology)
    tracing.stop()
    reader.stop()
  }

  /// Puts what was seen so far into an observation.
  public func fill(_ observation: inout Observation) {
    let records = reader.records()
    let locations = KernelSymbols.functions(at: Set(records.drops.map(\.record.location)))
    let reading = table.read(registry)
    observation.counters = reading.counters
    observation.sightings = records.sightings.sorted { $0.time < $1.time }
    observation.drops = records.drops.map { record, frame in
      let namespace = UInt64(record.namespace_inode)
      return Drop(
        time: record.time, packetID: record.packet_id == 0 ? nil : record.packet_id, namespace: namespace,
        interface: record.ifindex == 0 ? nil : InterfaceID(namespace: namespace, ifindex: record.ifindex),
        reason: record.reason == 0 ? nil : tracing.reasons[record.reason] ?? "reason \(record.reason)",
        location: locations[record.location], frame: frame)
    }.sorted { $0.time < $1.time }
    observation.neighborEvents = Self.changes(records.neighborEvents.sorted { $0.time < $1.time })
    observation.changes = history.changes
    observation.departed = history.departed.values.sorted { $0.id < $1.id }
    observation.loss = loss(records)
    observation.loss.changesForgotten = history.forgotten
    observation.loss.unknownHook = reading.framesAtUnknownHooks
    observation.degradations = tracing.degradations + notices
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
      loss.sampledOut = try programs.sampledOut()
      for (_, overflow) in try table.readOverflows(registry) {
        loss.counterKeysOverflowed += overflow.frames
        loss.counterBytesOverflowed += overflow.bytes
      }
    } catch {
      notices.append(Degradation(feature: "loss counters", consequence: "\(error)"))
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
