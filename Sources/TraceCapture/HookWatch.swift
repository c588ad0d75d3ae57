import LinuxNamespaces
import Netlink
import TraceModel

/// A program of ours that somebody removed.
struct Removal {
  let hook: Hook
  /// When it was last known to be there, in nanoseconds of CLOCK_MONOTONIC.
  let lastSeen: UInt64
}

/// When the hooks are looked at, in nanoseconds of CLOCK_MONOTONIC.
struct HookWatchSchedule {
  /// When links were last found as they should be.
  var links = MonotonicClock.now()
  /// When filters were last looked at.
  var filters = MonotonicClock.now()
  /// The namespace whose filters were looked at last: the next in order is next.
  var last: UInt64 = 0
  /// Interfaces that were found gone, or another one in their place, and not yet told.
  var gone: Set<InterfaceID> = []

  /// A link is asked by a system call of its own.
  static let linkPeriod: UInt64 = 200_000_000
  /// Filters are listed by a thread that enters their namespace.
  static let filterPeriod: UInt64 = 800_000_000
  /// So many namespaces in each period, in turn.
  static let namespaces = 32
}

/// What became of our hooks without our doing.
///
/// The kernel tells nobody of a link that was detached, and of a filter only those who listen inside of its namespace,
/// which would keep that alive after its container. So they are asked after: links by a system call, filters by a look
/// into their namespaces, some at a time.
extension FrameHooks {
  /// Looks for what ended, as the schedule says: notes what somebody removed.
  func inspect(_ topology: Topology) {
    let now = MonotonicClock.now()
    let looksAtLinks = now >= schedule.links + HookWatchSchedule.linkPeriod
    let looksAtFilters = now >= schedule.filters + HookWatchSchedule.filterPeriod
    guard looksAtLinks || looksAtFilters else { return }
    schedule.gone.formUnion(
      inspect(topology, links: looksAtLinks, filtersIn: looksAtFilters ? namespacesInTurn() : []))
    if looksAtLinks { schedule.links = now }
    if looksAtFilters { schedule.filters = now }
  }

  /// Looks for what ended where something may have changed.
  ///
  /// - Returns: the interfaces that are gone, or in whose place stands another one, also those found before.
  func inspect(_ topology: Topology, since previous: Topology) -> Set<InterfaceID> {
    let now = MonotonicClock.now()
    let changed = topology.interfaces.filter { interface in
      interfaces[interface.id].map { $0.identity.mac != interface.mac } ?? false
        || topology.namespace(interface.id.namespace)?.pid != previous.namespace(interface.id.namespace)?.pid
    }
    let gone = inspect(
      topology, links: true, filtersIn: namespacesInTurn().union(changed.map(\.id.namespace)))
    schedule.links = now
    defer { schedule.gone = [] }
    return gone.union(schedule.gone)
  }

  /// Looks for links that ended, at once.
  func inspectLinks(_ topology: Topology) { _ = inspect(topology, links: true, filtersIn: []) }

  /// Looks for what ended by a reading of everything that stands on interfaces of one namespace.
  func inspect(_ own: [InterfaceID], by reading: InterfacePrograms.Reading) {
    for id in own {
      guard let found = reading.programs[id.ifindex], let hooks = interfaces[id]?.hooks else { continue }
      let ended = [Direction.ingress, .egress].filter { side in
        switch hooks[side]?.attachment {
        case nil: false
        case .link(let link): !link.isAttached
        case .filter(let filter):
          !(found.filters[side] ?? []).contains {
            $0.handle == filter.handle && $0.priority == filter.priority && $0.name == filter.name
          }
        }
      }
      guard !ended.isEmpty else { continue }
      // Asked for now: the interface may have gone since it was read.
      let identity = (try? reading.socket.link(id.ifindex)).map {
        InterfaceIdentity(namespaceCookie: reading.socket.namespaceCookie, mac: $0.mac)
      }
      _ = settle(id, ended, identity, lastSeen: interfaces[id]?.found ?? 0)
    }
  }

  private func inspect(_ topology: Topology, links: Bool, filtersIn namespaces: Set<UInt64>) -> Set<
    InterfaceID
  > {
    let suspects = interfaces.compactMap { id, entry -> (id: InterfaceID, sides: [Direction])? in
      let isInTurn = namespaces.contains(id.namespace)
      let sides = [Direction.ingress, .egress].filter { side in
        guard let hook = entry.hooks[side] else { return false }
        return hook.hasEnded.map { $0 && links } ?? isInTurn
      }
      // What was removed tells no more when its interface goes.
      return sides.isEmpty && !(isInTurn && !entry.removed.isEmpty) ? nil : (id, sides)
    }
    var gone: Set<InterfaceID> = []
    for (inode, own) in Dictionary(grouping: suspects, by: \.id.namespace) {
      gone.formUnion(look(at: own, in: inode, topology))
    }
    return gone
  }

  /// The namespaces whose filters are looked at next.
  private func namespacesInTurn() -> Set<UInt64> {
    let namespaces = Set(
      interfaces.filter { $0.value.mechanism != .tcx || !$0.value.removed.isEmpty }.map(\.key.namespace)
    ).sorted()
    guard namespaces.count > HookWatchSchedule.namespaces else { return Set(namespaces) }
    let next = namespaces.firstIndex { $0 > schedule.last } ?? 0
    let turn = (namespaces[next...] + namespaces[..<next]).prefix(HookWatchSchedule.namespaces)
    schedule.last = turn.last ?? 0
    return Set(turn)
  }

  /// Where an interface went, when the same device with our links on it stands in another namespace: a link stays with
  /// its device, a filter does not (`dev_change_net_namespace` in net/core/dev.c).
  ///
  /// Only under the index that it had: what else would tell it from another one of that MAC address.
  func destination(of interface: Interface, in topology: Topology) -> Interface? {
    guard let hooks = interfaces[interface.id]?.hooks.values, !hooks.isEmpty,
      hooks.allSatisfy({ $0.attachedIfindex == interface.id.ifindex })
    else { return nil }
    return topology.interfaces.first {
      $0.id.ifindex == interface.id.ifindex && $0.id.namespace != interface.id.namespace
        && $0.id.namespace != 0 && $0.mac == interface.mac && $0.linkKind == interface.linkKind
        && !attached.contains($0.id)
    }
  }

  /// Keeps the hooks of an interface that moved.
  func move(_ interface: InterfaceID, to new: Interface, in topology: Topology) {
    let namespace = try? NamespaceHandles.open(new.id.namespace, in: topology)
    let cookie = namespace.flatMap { try? NetlinkSocket(in: $0) }?.namespaceCookie
    move(interface, to: new.id, InterfaceIdentity(namespaceCookie: cookie, mac: new.mac))
  }

  /// Looks at the sides of interfaces of one namespace that may have lost their program.
  private func look(
    at suspects: [(id: InterfaceID, sides: [Direction])], in inode: UInt64, _ topology: Topology
  )
    -> Set<InterfaceID>
  {
    guard let namespace = try? NamespaceHandles.open(inode, in: topology),
      let socket = try? NetlinkSocket(in: namespace)
    else {
      // The hooks went with the namespace, but for those of which nothing is known.
      return Set(
        suspects.filter { id, sides in sides.contains { interfaces[id]?.hooks[$0]?.hasEnded == true } }.map(
          \.id))
    }
    let cookie = socket.namespaceCookie
    var gone: Set<InterfaceID> = []
    for (id, sides) in suspects.sorted(by: { $0.id < $1.id }) {
      let now = MonotonicClock.now(), lastSeen = interfaces[id]?.found ?? now
      let standing = sides.map { ($0, stands(id, $0, socket)) }
      let ended = standing.filter { $0.1 == false }.map(\.0)
      if standing.allSatisfy({ $0.1 != nil }) { looked(at: id, now) }
      guard !ended.isEmpty || interfaces[id]?.removed.isEmpty == false else { continue }
      // A device is off the list before the kernel ends its links (unregister_netdevice_many_notify in net/core/dev.c).
      let mac = (try? socket.link(id.ifindex)).map { InterfaceIdentity(namespaceCookie: cookie, mac: $0.mac) }
      if !settle(id, ended, mac, lastSeen: lastSeen) { gone.insert(id) }
    }
    return gone
  }

  /// Notes which of an interface's programs somebody removed. Returns false when it went with its interface: where that
  /// stood is none, or another one.
  private func settle(
    _ id: InterfaceID, _ ended: [Direction], _ identity: InterfaceIdentity?, lastSeen: UInt64
  ) -> Bool {
    guard let identity, identity == interfaces[id]?.identity else { return false }
    for side in ended {
      let isLink = standing(id, side) == .tcx
      removals.append(Removal(hook: Hook(id, side), lastSeen: isLink ? schedule.links : lastSeen))
      forget(Hook(id, side))
    }
    return true
  }

  /// Whether our program is still attached to one side; `nil` where that could not be read.
  private func stands(_ id: InterfaceID, _ side: Direction, _ socket: NetlinkSocket) -> Bool? {
    switch interfaces[id]?.hooks[side]?.attachment {
    case nil: return false
    case .link(let link): return link.isAttached
    case .filter(let filter):
      return (try? socket.filters(ifindex: id.ifindex, direction: filter.direction))?.contains {
        $0.handle == filter.handle && $0.priority == filter.priority && $0.name == filter.name
      }
    }
  }
}
