import NetworkAddresses

/// How many of the frames that children got from our own addresses had been out on the wire.
///
/// A unicast frame that a macvlan sibling in bridge mode hands over never passes the parent's egress hook
/// (drivers/net/macvlan.c, `macvlan_queue_xmit`); a reflected one has passed it before. So of the frames between two of
/// the parent's own addresses, as many as left the parent can have come back. A group frame of a child in bridge mode
/// goes both ways: to its bridge siblings at once, and out. When the switch returns it, the driver gives the copy to
/// VEPA children only, because the others have it already (`macvlan_process_broadcast`).
///
/// ipvlan children have their parent's MAC address, and each other's (drivers/net/ipvlan/ipvlan_core.c). Among them a
/// frame is handed over at once, or, with the flags private and VEPA, never. Group frames go both ways, and a copy of
/// them that comes back is not delivered again; one of the host's own, under the same MAC address, is.
struct ReflectedFrames {
  private let tags: TagStacks
  private let siblings: Siblings
  /// Of frames from our own addresses: what left the parent, and what came in there.
  private var left: [Flow: UInt64] = [:]
  private var returned: [Flow: UInt64] = [:]
  /// What the ipvlan children of one interface sent.
  private var sent: [Place: UInt64] = [:]
  /// What was said to be reflected.
  private var taken: [Place: UInt64] = [:]

  /// A flow at a child, or at all the ipvlan children of one interface.
  private struct Place: Hashable {
    var interface: InterfaceID
    var flow: Flow
  }

  init(_ topology: Topology, _ counters: [Counter], _ ownMACs: Set<MACAddress>) {
    tags = TagStacks(topology)
    siblings = Siblings(topology)
    let ipvlan = topology.children.filter { $0.kind == .ipvlan }
    let lowers = Dictionary(ipvlan.map { ($0.id, $0.parent) }) { first, _ in first }
    for counter in counters where ownMACs.contains(counter.source) {
      if counter.interface == topology.parent {
        if counter.direction == .egress {
          left[tags.flow(counter), default: 0] += counter.frames
        } else {
          returned[tags.flow(counter), default: 0] += counter.frames
        }
      } else if counter.direction == .egress, case .some(.some(let lower)) = lowers[counter.interface] {
        sent[Place(interface: lower, flow: tags.flow(counter)), default: 0] += counter.frames
      }
    }
  }

  /// How many of a child's received frames, which came from one of our own addresses, were reflected.
  ///
  /// A flow can have several counters at one child: together they get what came back once. So do ipvlan children that
  /// are one by their MAC address, with unicast frames; of a group frame each of them gets a copy.
  mutating func take(_ counter: Counter, at child: Interface) -> UInt64 {
    let flow = tags.flow(counter)
    let isGroup = counter.destination.isMulticast
    let isAmongIpvlan = child.kind == .ipvlan && counter.source == child.mac
    // Private or VEPA: nothing is handed over.
    if isAmongIpvlan, !isGroup, child.ipvlanFlags != 0 { return counter.frames }
    let back: UInt64
    if isAmongIpvlan {
      var gone = left[flow] ?? 0
      if isGroup, let lower = child.parent {
        gone -= min(gone, sent[Place(interface: lower, flow: flow)] ?? 0)
      }
      back = min(gone, returned[flow] ?? 0)
    } else if isGroup {
      back = siblings.areBridged(child, counter.source) ? 0 : returned[flow] ?? 0
    } else {
      back = left[flow] ?? 0
    }
    let shares = child.kind == .ipvlan && !isGroup
    let place = Place(interface: shares ? child.parent ?? child.id : child.id, flow: flow)
    let reflected = min(counter.frames, back - min(taken[place] ?? 0, back))
    taken[place, default: 0] += reflected
    return reflected
  }
}

/// Who sends to whom, under which tags, as it is at the parent.
struct Flow: Hashable {
  var source: MACAddress
  var destination: MACAddress
  /// Two VLAN IDs, the outer in the upper half and with a bit for 802.1ad; 0 where there is no tag.
  var tags: UInt32
}

/// The tags that an interface's frames have at the parent beside those that they have at the interface itself.
private struct TagStacks {
  private struct Tag {
    var id: VLANID
    var kind: VLANProtocol?
  }

  private var stacks: [InterfaceID: [Tag]] = [:]

  init(_ topology: Topology) {
    let known = Dictionary(topology.interfaces.map { ($0.id, $0) }) { first, _ in first }
    for interface in topology.interfaces {
      var tags: [Tag] = []
      for level in Tower(interface, known) where level.id != topology.parent && level.kind == .vlan {
        if let vlan = level.vlan { tags.insert(Tag(id: vlan, kind: level.vlanProtocol), at: 0) }
      }
      if !tags.isEmpty { stacks[interface.id] = tags }
    }
  }

  /// The flow that a counter's frames belong to.
  func flow(_ counter: Counter) -> Flow {
    var tags = stacks[counter.interface] ?? []
    if let outer = counter.vlan { tags.append(Tag(id: outer, kind: counter.vlanProtocol)) }
    if let inner = counter.innerVLAN { tags.append(Tag(id: inner)) }
    // VLAN 0 is a priority alone, of an inner tag the protocol is not counted, and a third tag not at all.
    let present = tags.filter { $0.id.rawValue != 0 }
    var stack: UInt32 = 0
    if let outer = present.first {
      stack = (UInt32(outer.id.rawValue) | (outer.kind == .ieee8021ad ? 0x1000 : 0)) << 16
      if present.count > 1 { stack |= UInt32(present[1].id.rawValue) }
    }
    return Flow(source: counter.source, destination: counter.destination, tags: stack)
  }
}

/// Which children hand group frames to each other.
private struct Siblings {
  private struct Place: Hashable {
    var lower: InterfaceID
    var mac: MACAddress
  }

  private let known: [InterfaceID: Interface]
  private var bridge: Set<Place> = []

  init(_ topology: Topology) {
    known = Dictionary(topology.interfaces.map { ($0.id, $0) }) { first, _ in first }
    for child in topology.children where child.mode == .bridge {
      if let lower = child.parent, let mac = child.mac { bridge.insert(Place(lower: lower, mac: mac)) }
    }
  }

  /// Whether a child, or one that it sits on, has a sibling with that address, both of them in bridge mode.
  func areBridged(_ child: Interface, _ mac: MACAddress) -> Bool {
    Tower(child, known).contains { level in
      level.mode == .bridge && level.parent.map { bridge.contains(Place(lower: $0, mac: mac)) } == true
    }
  }
}

/// An interface and what it sits on, down to the parent.
private struct Tower: Sequence, IteratorProtocol {
  private var level: Interface?
  private let known: [InterfaceID: Interface]
  /// A saved file can claim that two interfaces sit on each other.
  private var depth = 16

  init(_ top: Interface, _ known: [InterfaceID: Interface]) {
    level = top
    self.known = known
  }

  mutating func next() -> Interface? {
    guard let current = level, depth > 0 else { return nil }
    depth -= 1
    level = current.parent.flatMap { known[$0] }
    return current
  }
}
