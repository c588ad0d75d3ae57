import BPF
import Glibc
import LinuxNamespaces
import Netlink
import SystemPackage
import TraceModel

/// How a hook is attached.
public enum HookMechanism: String, Sendable, CaseIterable {
  /// Ordered, and gone with the process (Linux 6.6).
  case tcx = "TCX link"
  /// Outlives a killed process, until the next start sweeps it.
  case clsact = "clsact filter"
}

/// Keeps the frame programs attached to interfaces, in whatever namespace they live.
///
/// They come before everybody else's, on both sides. A program that ends the chain (TC_ACT_OK, a redirection, a drop)
/// hides the frame from all behind it, so that only the first sees every frame; ours always hands on to the next
/// (TC_ACT_UNSPEC). The price, at egress: what another program drops, redirects or rewrites behind ours is counted as the
/// stack sent it; a drop there shows with its reason, TC_EGRESS.
final class FrameHooks {
  /// What is attached, or was until somebody removed it.
  private(set) var interfaces: [InterfaceID: InterfaceHooks] = [:]
  /// What one TCX attachment took, in nanoseconds; `nil` before the first.
  private(set) var tcxCost: UInt64?
  /// False once the kernel refused TCX.
  private(set) var hasTCX = true
  /// What somebody removed and nobody was told yet.
  var removals: [Removal] = []
  /// When to look again for what was removed, and how often that was done.
  var schedule = HookWatchSchedule()

  /// Attaching may take this long altogether before the cheaper, less crash-safe way is taken.
  private static let patience: UInt64 = 250_000_000
  /// The most interfaces that are attached by links at a time: each has two programs, which go at once with the process.
  private static let mostLinked = 64
  /// Fewer frames are no traffic that a link would pay off for.
  private static let leastCarried: UInt64 = 10_000

  /// The interfaces that are not to be attached (again).
  var attached: Set<InterfaceID> { Set(interfaces.keys) }
  /// The hooks that see frames.
  var hookCount: Int { interfaces.values.reduce(0) { $0 + $1.hooks.count } }

  /// How an interface is attached.
  func mechanism(_ interface: InterfaceID) -> HookMechanism? { interfaces[interface]?.mechanism }

  /// Where our program stands on one side of an interface, or stood until somebody removed it.
  func standing(_ interface: InterfaceID, _ direction: Direction) -> Standing {
    let entry = interfaces[interface]
    return entry?.hooks[direction]?.standing ?? entry?.removed[direction] ?? .nowhere
  }

  /// Which of some more interfaces are to be attached by TCX links, where the kernel has them: all where they are not too
  /// many and the measured cost, two RCU grace periods for each, stays within patience; else the busiest, as far as that
  /// goes, as a frame pays a filter more.
  func linked(of interfaces: [Interface]) -> Set<InterfaceID> {
    guard hasTCX else { return [] }
    let affordable = tcxCost.map { Int(clamping: Self.patience / max(1, 2 * $0)) } ?? .max
    guard interfaces.count > min(affordable, Self.mostLinked) else { return Set(interfaces.map(\.id)) }
    return Set(Self.busiest(of: interfaces, atMost: affordable))
  }

  /// The one or two that carried most frames so far, a tenth of all or more each, by the kernel's own counters; none
  /// where there was little traffic.
  static func busiest(of interfaces: [Interface], atMost affordable: Int) -> [InterfaceID] {
    let carried = interfaces.map { interface in
      interface.statistics.map { $0.receivedFrames &+ $0.sentFrames } ?? 0
    }
    let least = max(leastCarried, carried.reduce(0, &+) / 10)
    let busy = zip(interfaces, carried).filter { $0.1 >= least }.sorted { $0.1 > $1.1 }
    return busy.prefix(min(2, affordable)).map(\.0.id)
  }

  /// Attaches one interface's two hooks by TCX, in the calling thread's namespace or another. Returns false where
  /// the kernel has no TCX.
  func attachTCX(
    _ candidate: Candidate, _ frames: FramePrograms, _ identity: InterfaceIdentity,
    in namespace: NetworkNamespace
  ) throws -> Bool {
    let start = MonotonicClock.now()
    let interface = candidate.interface
    do {
      var entry = InterfaceHooks(identity: identity)
      // What comes in is counted while the rest is still on its way: each attachment waits for the kernel.
      for direction in [Direction.ingress, .egress] {
        let program = try frames.forLink(candidate.number(direction), direction)
        let link = try namespace.run {
          LinkBox(
            try program.attachTCX(ifindex: interface.ifindex, direction: direction.side, position: .first))
        }
        entry.hooks[direction] = AttachedHook(
          attachment: .link(link), programID: try program.information().id)
      }
      interfaces[interface] = entry
    } catch let error as BPFError where error.errno == .invalidArgument || error.errno == .notSupported {
      hasTCX = false
      return false
    }
    tcxCost = (MonotonicClock.now() - start) / 2
    return true
  }

  /// An interface to be attached by filters, and what stands there.
  struct Candidate {
    let interface: InterfaceID
    /// The number of its ingress hook; egress has the next.
    let ingressHook: UInt16
    let others: InterfacePrograms

    /// The number of one of its hooks.
    func number(_ direction: Direction) -> UInt16 { direction == .ingress ? ingressHook : ingressHook + 1 }
  }

  /// Attaches many interfaces of one namespace by clsact filters, in few system calls. Returns those that failed.
  func attachFilters(_ candidates: [Candidate], _ program: Program, _ socket: NetlinkSocket) throws -> [(
    InterfaceID, NetlinkError
  )] {
    let cookie = socket.namespaceCookie
    let programID = try program.information().id
    let rooms = try makeRoom(candidates, socket)
    var additions: [(interface: InterfaceID, direction: Direction, filter: BPFFilter)] = []
    var changes: [FilterChange] = []
    for candidate in candidates {
      guard case .success(let madeClsact) = rooms[candidate.interface] else { continue }
      let owner = FilterOwner.current(madeClsact: madeClsact)
      for direction in [Direction.ingress, .egress] {
        guard case .priority(let priority) = candidate.others.filterPlace(direction) else { continue }
        let filter = BPFFilter(
          ifindex: candidate.interface.ifindex, direction: direction.filterSide, priority: priority,
          handle: owner.handle, name: owner.name, classID: UInt32(candidate.number(direction)))
        changes.append(.addFilter(filter, programDescriptor: program.fileDescriptor))
        additions.append((candidate.interface, direction, filter))
      }
      var entry = InterfaceHooks(
        identity: InterfaceIdentity(namespaceCookie: cookie, mac: candidate.others.mac))
      entry.madeClsact = madeClsact
      interfaces[candidate.interface] = entry
    }
    var failures: [InterfaceID: NetlinkError] = rooms.compactMapValues {
      if case .failure(let error) = $0 { error } else { nil }
    }
    for (addition, failure) in zip(additions, try socket.apply(changes)) {
      if let failure {
        failures[addition.interface] = failure
      } else {
        interfaces[addition.interface]?.hooks[addition.direction] = AttachedHook(
          attachment: .filter(addition.filter), programID: programID)
      }
    }
    giveUp(failures.keys.filter { interfaces[$0] != nil }, socket)
    return candidates.compactMap { candidate in
      failures[candidate.interface].map { (candidate.interface, $0) }
    }
  }

  /// Makes clsact where nothing holds filters yet. Returns for each whether the last capture there is to take it away.
  private func makeRoom(_ candidates: [Candidate], _ socket: NetlinkSocket) throws
    -> [InterfaceID: Result<Bool, NetlinkError>]
  {
    var rooms: [InterfaceID: Result<Bool, NetlinkError>] = [:]
    let empty = candidates.filter { $0.others.discipline == nil }.map(\.interface)
    for (interface, failure) in zip(empty, try socket.apply(empty.map { .addClsact(ifindex: $0.ifindex) })) {
      rooms[interface] = failure.map { .failure($0) } ?? .success(true)
    }
    // Another capture that starts meanwhile may have been quicker; somebody's ingress would be no room for both sides.
    let late = rooms.filter {
      if case .failure(let error) = $0.value { error.errno == .fileExists } else { false }
    }
    let clsact =
      late.isEmpty ? [] : try socket.queueingDisciplines().filter { $0.kind == "clsact" }.map(\.ifindex)
    for candidate in candidates {
      let interface = candidate.interface
      guard rooms[interface] == nil || late[interface] != nil && clsact.contains(interface.ifindex) else {
        continue
      }
      // Whoever is the last of several captures takes the clsact away.
      rooms[interface] = .success(FilterSweeper.isClsactOurs(interface.ifindex, socket))
    }
    return rooms
  }

  /// Notes when the filters of an interface were looked for.
  func looked(at interface: InterfaceID, _ time: UInt64) { interfaces[interface]?.found = time }

  /// Forgets an interface that is gone: the kernel removed its hooks with it.
  func forget(_ interface: InterfaceID) { interfaces[interface] = nil }

  /// Keeps the hooks of an interface, whose links went with it, under its new name.
  func move(_ interface: InterfaceID, to new: InterfaceID, _ identity: InterfaceIdentity) {
    guard var entry = interfaces.removeValue(forKey: interface) else { return }
    entry.identity = identity
    interfaces[new] = entry
  }

  /// Forgets a hook that somebody removed.
  func forget(_ hook: Hook) {
    let place = standing(hook.interface, hook.direction)
    interfaces[hook.interface]?.removed[hook.direction] = place
    interfaces[hook.interface]?.hooks[hook.direction] = nil
  }

  /// Our filters on some interfaces of one namespace.
  func filters(of ids: some Sequence<InterfaceID>) -> OwnFilters {
    OwnFilters(
      filters: ids.flatMap { id in (interfaces[id]?.hooks.values.compactMap(\.filter) ?? []).map { (id, $0) }
      },
      roomsMade: ids.filter { interfaces[$0]?.madeClsact == true })
  }

  /// Removes interfaces of one namespace whose filters could not all be attached.
  private func giveUp(_ ids: [InterfaceID], _ socket: NetlinkSocket) {
    filters(of: ids).remove(by: socket, wereJustMade: true)
    for id in ids { interfaces[id] = nil }
  }

  /// Forgets everything: links end with their values, filters have been removed (`OwnFilters`).
  func forgetAll() { interfaces.removeAll() }
}
