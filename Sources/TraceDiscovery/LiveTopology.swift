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
  private var nextFullLook: UInt64 = 0
  /// Whether namespaces are to be read that were not listened to when they were read last.
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
    topology = try scanner.read(nil, &cache, reaching: .holders, &limitations)
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
    let isDue = MonotonicClock.now() >= nextFullLook
    let changes = try monitor.wait(timeout: isDue || isBehind ? 0 : timeout)
    if changes.parentGone { return lose() }
    guard changes.needsScan || isDue || isBehind else { return takeNames() ? .changed : .none }
    forget(changes)
    let isEverywhere = isDue || !isParentThere
    let before = topology
    let news = look(everywhere: isEverywhere)
    guard !isEverywhere, case .changed = news, isUnexplained(changes, since: before) else { return news }
    return look(reaching: .holders)
  }

  /// Whether something was made on the parent, or on what sits on it, that the last look did not see: the entry of what
  /// is below changes with it.
  private func isUnexplained(_ changes: TopologyMonitor.Changes, since before: Topology) -> Bool {
    let known = before.interfaces.map(\.id)
    guard topology.interfaces.map(\.id) == known else { return false }
    return known.contains {
      $0.namespace == before.parent.namespace && changes.changedLinks.contains($0.ifindex)
    }
  }

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

  private func look(everywhere: Bool) -> News {
    guard everywhere else { return look(reaching: .processes) }
    let start = MonotonicClock.now()
    cache.forgetAll()
    let news = look(reaching: .holders)
    nextFullLook = MonotonicClock.now() + max(Self.shortest, Self.share * (MonotonicClock.now() - start))
    return news
  }

  private func look(reaching reach: NamespaceScan.Reach) -> News {
    isBehind = false
    limitations = []
    let latest: Topology
    do {
      latest = try scanner.read(
        isParentThere ? topology.parent.ifindex : nil, &cache, reaching: reach, &limitations)
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
