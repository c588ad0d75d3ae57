import LinuxNamespaces
import TraceModel

/// What came and went while it was observed.
struct NetworkHistory {
  /// In time order, the oldest forgotten first.
  private(set) var changes: [NetworkChange] = []
  /// Interfaces that are gone, as they were last seen; of one that came back under its numbers, the last.
  private(set) var departed: [InterfaceID: Interface] = [:]
  /// In the order in which they left, and when each of them left last. One that left again stands here twice.
  private var departures: [(interface: InterfaceID, number: Int)] = []
  private var lastDeparture: [InterfaceID: Int] = [:]
  private var departureCount = 0
  /// The containers whose interfaces went to another namespace: an engine takes a container's interface back to the host
  /// before it deletes it.
  private var origins: [InterfaceID: Container] = [:]
  /// Changes that had to make room for later ones.
  private(set) var forgotten: UInt64 = 0

  /// Memory stays bounded while containers come and go for days.
  private static let limit = 4096

  /// A new interface is attached.
  ///
  /// Frames that passed it before are in its own statistics, and in no counter of ours.
  mutating func appeared(_ interface: Interface) {
    departed[interface.id] = nil
    let statistics = interface.statistics
    let before = (statistics?.receivedFrames ?? 0) + (statistics?.sentFrames ?? 0)
    let missed = before == 0 ? "" : "; \(before) frame\(before == 1 ? "" : "s") had passed it before"
    add(.appeared, interface.id, "\(interface.label) appeared and is attached\(missed)")
  }

  /// An interface is gone.
  mutating func vanished(_ interface: Interface) {
    var interface = interface
    let origin = origins.removeValue(forKey: interface.id)
    interface.container = interface.container ?? origin
    departed[interface.id] = interface
    departureCount += 1
    lastDeparture[interface.id] = departureCount
    departures.append((interface.id, departureCount))
    add(.vanished, interface.id, "\(interface.label) vanished; its counts are final")
  }

  /// An interface went to another namespace and is counted on there.
  mutating func moved(_ interface: Interface, to new: Interface) {
    let earlier = origins.removeValue(forKey: interface.id)
    origins[new.id] = interface.container ?? earlier
    add(.moved, new.id, "\(interface.label) moved: it is \(new.label) now, and was counted all the while")
  }

  /// The parent is gone or back.
  mutating func parent(_ interface: Interface, isThere: Bool) {
    add(
      isThere ? .parentReturned : .parentGone, interface.id,
      isThere
        ? "\(interface.name) is there again and is attached"
        : "\(interface.name) was deleted or moved away; waiting for an interface of that name")
  }

  /// Somebody removed our program from a hook, of which a person says `ens33, ingress`.
  mutating func programRemoved(_ hook: Hook, at place: String) -> NetworkChange {
    add(
      .programRemoved, hook.interface,
      "somebody removed macvtrace's program from \(place): frames there are no longer seen")
  }

  /// Drops those that left first, where there are too many to keep. Returns them.
  mutating func forgetDeparted() -> [InterfaceID] {
    guard departures.count > Self.limit else { return [] }
    departures.removeAll { departed[$0.interface] == nil || lastDeparture[$0.interface] != $0.number }
    let excess = departures.prefix(max(0, departures.count - Self.limit * 3 / 4)).map(\.interface)
    for interface in excess { departed[interface] = nil }
    departures.removeFirst(excess.count)
    lastDeparture = lastDeparture.filter { departed[$0.key] != nil }
    return excess
  }

  @discardableResult
  private mutating func add(_ kind: NetworkChange.Kind, _ interface: InterfaceID, _ text: String)
    -> NetworkChange
  {
    let change = NetworkChange(time: MonotonicClock.now(), kind: kind, interface: interface, text: text)
    changes.append(change)
    guard changes.count > Self.limit else { return change }
    let excess = changes.count - Self.limit * 3 / 4
    changes.removeFirst(excess)
    forgotten += UInt64(excess)
    return change
  }
}
