import LinuxNamespaces
import Netlink
public import TraceModel

/// A topology that is kept current: what changes is read anew as soon as the kernel tells, and only there.
public final class LiveTopology {
  /// What a wait brought.
  public enum News: Sendable {
    /// Nothing, or nothing that concerns the parent.
    case none
    /// `topology` is another one.
    case changed
    /// The parent was deleted or moved away; `topology` is what was last seen of it.
    case parentGone
    /// An interface of the parent's name is there again; `topology` is what sits on it.
    case parentReturned
  }

  private let scanner: TopologyScanner
  private let monitor: TopologyMonitor
  private let names: ContainerNames
  /// Which edition of the names `topology` has.
  private var edition = 0
  private var cache = NamespaceCache()
  private var ids = NamespaceIDs()
  private let holders = HolderSearch()
  /// Which search's namespaces `cache` has.
  private var holderEdition = 0
  /// How often the entry of an interface has changed more than what was seen to come or go on it, by its number.
  private var unseen: [UInt32: Int] = [:]
  private var nextFullLook: UInt64 = 0
  /// Whether namespaces are to be read that are new, or were not listened to when they were read last.
  private var isBehind = false

  /// As it was last read, with the containers' names that are known by now.
  public private(set) var topology: Topology
  /// Whether the parent is there.
  public private(set) var isParentThere = true
  /// What could not be seen in the last look.
  public private(set) var limitations: [Degradation] = []

  /// Reads the topology of the parent of that name in the calling thread's namespace, and listens from then on.
  public init(parent name: String) throws {
    scanner = TopologyScanner(parent: name)
    topology = try scanner.read(nil, &cache, reaching: .everywhere, &limitations)
    monitor = try TopologyMonitor(parent: topology.parent)
    names = try ContainerNames()
    names.ask(for: topology)
    nextFullLook = MonotonicClock.now()
    listen()
  }

  /// Waits up to `timeout` milliseconds for a change, and follows it.
  ///
  /// The first call reads everything once more, as what changed before listening began is told by nobody; so does one
  /// now and then, for namespaces without an id here (their settings, routes and neighbors change without a word).
  public func follow(timeout: Int32) throws -> News {
    takeHolders()
    let isDue = MonotonicClock.now() >= nextFullLook
    let changes = try monitor.wait(timeout: isDue || isBehind ? 0 : timeout)
    if changes.parentGone { return lose() }
    guard changes.needsScan || isDue || isBehind else { return takeNames() ? .changed : .none }
    forget(changes)
    if isDue || !isParentThere { return lookAnew() }
    let before = topology
    let news = look(reaching: .names)
    note(changes, since: before)
    guard isUnexplained, case .changed = news else { return news }
    // What was made elsewhere than where namespaces have names.
    let (near, further) = (topology, look(reaching: .processes))
    note(TopologyMonitor.Changes(), since: near)
    if isUnexplained {
      holders.ask()
      unseen = unseen.filter { $0.value < 0 }
    }
    return further
  }

  /// Takes over what a search for hidden namespaces has found since.
  private func takeHolders() {
    let latest = holders.latest
    guard latest.edition != holderEdition else { return }
    holderEdition = latest.edition
    cache.held = latest.found
    let present = Set(cache.present.map(\.identity))
    if latest.found.contains(where: { !present.contains($0.identity) }) { isBehind = true }
  }

  /// Accounts for what came or went on the interfaces of the parent's namespace: the entry of what is below changes with
  /// each, once.
  private func note(_ changes: TopologyMonitor.Changes, since before: Topology) {
    let host = before.parent.namespace
    let carriers = Set(before.interfaces.map(\.id).filter { $0.namespace == host })
    let parents = Dictionary((before.interfaces + topology.interfaces).map { ($0.id, $0.parent) }) {
      first, _ in first
    }
    for one in Set(before.interfaces.map(\.id)).symmetricDifference(topology.interfaces.map(\.id)) {
      if case .some(.some(let parent)) = parents[one], carriers.contains(parent) {
        unseen[parent.ifindex, default: 0] -= 1
      }
    }
    for (link, times) in changes.changedLinks
    where carriers.contains(InterfaceID(namespace: host, ifindex: link)) {
      unseen[link, default: 0] += times
    }
  }

  /// Whether something came or went that no look has seen.
  private var isUnexplained: Bool { unseen.contains { $0.value > 0 } }

  /// Puts names in that have become known since; whether there are any.
  private func takeNames() -> Bool {
    let known = names.known
    guard known.edition != edition else { return false }
    edition = known.edition
    topology.name(known.names)
    return true
  }

  private func lose() -> News {
    guard isParentThere else { return .none }
    isParentThere = false
    monitor.follow(nil)
    cache.forgetAll()
    return .parentGone
  }

  /// Drops what is no longer known.
  private func forget(_ changes: TopologyMonitor.Changes) {
    if changes.isIncomplete {
      cache.forgetAll()
      ids.forgetAll()
      return
    }
    for id in changes.endedNamespaceIDs {
      if let ended = ids.end(id) { cache.end(ended) }
    }
    for id in changes.namespaceIDs {
      if let namespace = ids[id] { cache.forget(namespace) }
    }
    if changes.isStackChanged { cache.forgetAll(but: ids.heard) }
  }

  /// Reads everything anew; what nothing but threads and descriptors hold is added once that was found.
  private func lookAnew() -> News {
    let start = MonotonicClock.now()
    cache.forgetAll()
    let news = look(reaching: .processes)
    unseen = [:]
    holders.ask()
    let cost = MonotonicClock.now() - start + holders.latest.duration
    nextFullLook = MonotonicClock.now() + max(Self.shortest, Self.share * cost)
    return news
  }

  private func look(reaching reach: NamespaceScan.Reach) -> News {
    isBehind = false
    limitations = []
    let latest: Topology
    do {
      latest = try scanner.read(
        isParentThere ? topology.parent.ifindex : nil, &cache,
        reaching: .near(reach) { [ids, monitor] in ids.isAlive($0, monitor.questions) }, &limitations)
    } catch {
      // A look can meet an interface that vanishes under it: the message of that brings the next one.
      return error.code == .noSuchInterface ? lose() : .none
    }
    let hasReturned = !isParentThere
    isParentThere = true
    topology = latest
    topology.name(names.known.names)
    names.ask(for: topology)
    if hasReturned { monitor.follow(latest.parent) }
    listen()
    return hasReturned ? .parentReturned : .changed
  }

  /// Learns where word comes from.
  private func listen() {
    guard let deafness = monitor.deafness else {
      let new = ids.learn(cache.present, observed: cache.ofInterest, monitor.questions)
      for namespace in new { cache.forget(namespace) }
      isBehind = !new.isEmpty
      return
    }
    limitations.append(
      Degradation(
        feature: "network namespaces",
        consequence: "changes in other namespaces are seen up to seconds late: \(deafness)"))
  }

  /// Nanoseconds from one look everywhere to the next, and how many times the length of a look they are at least.
  private static let shortest: UInt64 = 2_000_000_000
  private static let share: UInt64 = 50
}
