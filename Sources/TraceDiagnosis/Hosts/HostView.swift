import NetworkAddresses
import TraceModel

/// One of two hosts that are compared, with what a comparison asks of it, worked out once.
struct HostView {
  let context: DiagnosisContext
  /// Its number in the joined report.
  let number: UInt16
  let label: String
  /// By packet id: each time that the packet came by the parent.
  let passages: [UInt64: [Passage]]
  /// The first and the last time that something was recorded coming in at the parent, by this host's clock: in between it
  /// was certainly observed.
  let heard: ClosedRange<UInt64>?
  /// Interfaces that were up from the beginning to the end, under one MAC address.
  let steady: [Interface]
  private let held: [InterfaceID: Set<IPAddress>]

  /// A packet at the parent.
  struct Passage {
    var time: UInt64
    var way: Way
  }

  /// What a router changes of a frame, and where it was seen.
  struct Way: Hashable {
    var segment: Segment
    var source: MACAddress
  }

  init(_ context: DiagnosisContext, number: UInt16, label: String) {
    self.context = context
    self.number = number
    self.label = label
    (steady, held) = Self.steady(context)
    var passages: [UInt64: [Passage]] = [:]
    for trajectory in context.trajectories {
      guard let sighting = trajectory.sightings.first(where: { $0.hook.interface == context.parent.id })
      else { continue }
      passages[trajectory.packetID, default: []].append(
        Passage(
          time: sighting.time, way: Way(segment: Segment(sighting.frame), source: sighting.frame.source)))
    }
    self.passages = passages
    heard = context.heard
  }

  /// `ens33 on docker01`.
  func name(_ interface: Interface) -> String { "\(interface.label) on \(label)" }
  var parentName: String { name(context.parent) }

  /// The segment of an interface's frames at the parent, which can itself be a VLAN's.
  func segment(of interface: Interface) -> Segment {
    Segment(interface.vlan == context.parent.vlan ? nil : interface.vlan)
  }

  /// The id as it stands in the joined report.
  func id(_ interface: Interface) -> String { interface.id.on(host: number).description }

  /// Whether the interface had the address from the beginning to the end.
  func heldThroughout(_ address: IPAddress, by interface: Interface) -> Bool {
    held[interface.id]?.contains(address) ?? false
  }

  /// The interfaces that were up from the beginning to the end, under one MAC address.
  private static func steady(_ context: DiagnosisContext) -> (
    interfaces: [Interface], held: [InterfaceID: Set<IPAddress>]
  ) {
    let (before, after) = (byID(context.observation.before), byID(context.observation.after))
    var held: [InterfaceID: Set<IPAddress>] = [:]
    let interfaces = context.topology.interfaces.filter { interface in
      guard let first = before[interface.id], let last = after[interface.id], first.up, last.up,
        first.mac == last.mac
      else { return false }
      held[interface.id] = Set(first.addresses.map(\.address)).intersection(last.addresses.map(\.address))
      return true
    }
    return (interfaces, held)
  }

  private static func byID(_ topology: Topology) -> [InterfaceID: Interface] {
    Dictionary(topology.interfaces.map { ($0.id, $0) }) { first, _ in first }
  }

  /// Frames that left the parent for a segment under a MAC address: exact.
  func sent(from source: MACAddress, into segment: Segment) -> UInt64 {
    context.observation.counters.reduce(0) { sum, counter in
      counter.hook == context.parentOut && counter.source == source && Segment(counter) == segment
        ? sum + counter.frames : sum
    }
  }
}

/// A broadcast domain as a parent sees it: by its VLAN tags.
struct Segment: Hashable {
  var vlan: VLANID?
  var inner: VLANID?

  init(_ frame: Frame) {
    // VID 0 carries a priority alone (IEEE 802.1Q, 6.9).
    vlan = frame.outerTag.map(\.vlanID).flatMap { $0.rawValue == 0 ? nil : $0 }
    inner = frame.innerTag?.vlanID
  }

  init(_ counter: Counter) {
    vlan = counter.vlan.flatMap { $0.rawValue == 0 ? nil : $0 }
    inner = counter.innerVLAN
  }

  /// The one with that tag, or without any.
  init(_ vlan: VLANID?) {
    self.vlan = vlan
    inner = nil
  }

  /// ` in VLAN 10`, or nothing.
  var text: String { vlan.map { " in VLAN \($0)" } ?? "" }
}
