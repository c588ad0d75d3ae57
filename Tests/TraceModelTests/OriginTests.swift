import NetworkAddresses
import Testing
import TraceModel

/// `ens33` with two bridge children, a VEPA child and the counters of one story.
private struct Segment {
  static let parent = InterfaceID(namespace: 1, ifindex: 7)
  static let bridge1 = InterfaceID(namespace: 2, ifindex: 3)
  static let bridge2 = InterfaceID(namespace: 3, ifindex: 3)
  static let vepa = InterfaceID(namespace: 4, ifindex: 3)
  static let macs: [InterfaceID: MACAddress] = [
    parent: MACAddress(rawValue: 0x0200_0000_0007), bridge1: MACAddress(rawValue: 0x0200_0000_0101),
    bridge2: MACAddress(rawValue: 0x0200_0000_0102), vepa: MACAddress(rawValue: 0x0200_0000_0103),
  ]
  static let outside = MACAddress(rawValue: 0x0200_0000_9999)

  var counters: [Counter] = []

  static func mac(_ id: InterfaceID) -> MACAddress { macs[id] ?? .zero }

  static let topology: Topology = {
    let modes: [(InterfaceID, ChildMode)] = [(bridge1, .bridge), (bridge2, .bridge), (vepa, .vepa)]
    let children = modes.map { id, mode in
      var child = Interface(id: id, name: "eth0", namespace: "c", kind: .macvlan, mac: mac(id))
      child.parent = parent
      child.mode = mode
      return child
    }
    let top = Interface(id: parent, name: "ens33", namespace: "host", kind: .parent, mac: mac(parent))
    return Topology(parent: parent, interfaces: [top] + children, namespaces: [])
  }()

  /// Counts `frames` at each of those hooks, as they pass from `source` to `destination`.
  mutating func frames(
    _ frames: UInt64, from source: MACAddress, to destination: MACAddress, vlan: UInt16? = nil,
    at hooks: (InterfaceID, Direction)...
  ) {
    for (interface, direction) in hooks {
      counters.append(
        Counter(
          interface: interface, direction: direction, vlan: vlan.flatMap { VLANID($0) }, source: source,
          destination: destination, frames: frames, bytes: frames * 60))
    }
  }

  func origin(of id: InterfaceID) -> [UInt64] {
    let origin = Segment.topology.origins(of: counters)[id] ?? TrafficOrigin()
    return [origin.wire, origin.sibling, origin.reflected]
  }
}

@Suite("Where a child's frames came from") struct OriginTests {
  @Test("from an address that is none of ours: from the wire")
  func wire() {
    var segment = Segment()
    segment.frames(
      7, from: Segment.outside, to: Segment.mac(Segment.bridge1), at: (Segment.parent, .ingress),
      (Segment.bridge1, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [7, 0, 0])
  }

  @Test("bridge child to bridge child never leaves the parent: from a sibling")
  func sibling() {
    var segment = Segment()
    segment.frames(
      5, from: Segment.mac(Segment.bridge2), to: Segment.mac(Segment.bridge1), at: (Segment.bridge2, .egress),
      (Segment.parent, .ingress), (Segment.bridge1, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 5, 0])
  }

  @Test("from the host or a VEPA child, out and back in: reflected")
  func reflected() {
    var segment = Segment()
    let target = Segment.mac(Segment.bridge1)
    segment.frames(
      3, from: Segment.mac(Segment.parent), to: target, at: (Segment.parent, .egress),
      (Segment.parent, .ingress), (Segment.bridge1, .ingress))
    segment.frames(
      4, from: Segment.mac(Segment.vepa), to: target, at: (Segment.vepa, .egress), (Segment.parent, .egress),
      (Segment.parent, .ingress), (Segment.bridge1, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 0, 7])
  }

  @Test("frames that left and did not come back are nobody's")
  func leftForGood() {
    var segment = Segment()
    segment.frames(
      9, from: Segment.mac(Segment.parent), to: Segment.mac(Segment.bridge1), at: (Segment.parent, .egress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 0, 0])
  }

  @Test("a pair that has a counter for each VLAN gets what came back once")
  func tagsShareWhatCameBack() {
    var segment = Segment()
    let source = Segment.mac(Segment.vepa)
    let target = Segment.mac(Segment.bridge1)
    segment.frames(5, from: source, to: target, at: (Segment.parent, .egress))
    segment.frames(5, from: source, to: target, at: (Segment.bridge1, .ingress))
    segment.frames(5, from: source, to: target, vlan: 10, at: (Segment.bridge1, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 5, 5])
  }

  @Test("a bridge child's broadcast that the switch returns reaches VEPA children only a second time")
  func returnedBroadcast() {
    // drivers/net/macvlan.c, macvlan_process_broadcast: "bridge ports already saw the frame".
    var segment = Segment()
    segment.frames(
      2, from: Segment.mac(Segment.bridge2), to: .broadcast, at: (Segment.bridge2, .egress),
      (Segment.parent, .egress), (Segment.parent, .ingress), (Segment.bridge1, .ingress),
      (Segment.vepa, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 2, 0])
    #expect(segment.origin(of: Segment.vepa) == [0, 0, 2])
  }

  @Test("the host's broadcast that the switch returns reaches every child as a reflection")
  func hostBroadcast() {
    var segment = Segment()
    segment.frames(
      2, from: Segment.mac(Segment.parent), to: .broadcast, at: (Segment.parent, .egress),
      (Segment.parent, .ingress), (Segment.bridge1, .ingress), (Segment.vepa, .ingress))
    #expect(segment.origin(of: Segment.bridge1) == [0, 0, 2])
    #expect(segment.origin(of: Segment.vepa) == [0, 0, 2])
  }

  @Test("the three parts always add up to what the child received")
  func sum() {
    var segment = Segment()
    let everybody = Array(Segment.macs.values) + [Segment.outside, .broadcast]
    for (index, source) in everybody.enumerated() {
      for (other, destination) in everybody.enumerated() {
        let frames = UInt64(index * 7 + other)
        segment.frames(frames, from: source, to: destination, at: (Segment.bridge1, .ingress))
        segment.frames(frames / 2, from: source, to: destination, at: (Segment.parent, .egress))
        segment.frames(frames / 3, from: source, to: destination, at: (Segment.parent, .ingress))
      }
    }
    let received = segment.counters.filter { $0.interface == Segment.bridge1 }.reduce(0) { $0 + $1.frames }
    #expect(received > 0)
    #expect(segment.origin(of: Segment.bridge1).reduce(0, +) == received)
  }
}

/// `ens33` with two ipvlan children, which have its MAC address, and a VLAN with two more of the same.
private struct SharedAddress {
  static let parent = InterfaceID(namespace: 1, ifindex: 7)
  static let vlan = InterfaceID(namespace: 1, ifindex: 8)
  static let (first, second) = (InterfaceID(namespace: 2, ifindex: 3), InterfaceID(namespace: 3, ifindex: 3))
  static let tagged = InterfaceID(namespace: 4, ifindex: 3)
  static let mac = MACAddress(rawValue: 0x0200_0000_0007)
  static let outside = MACAddress(rawValue: 0x0200_0000_9999)

  let topology: Topology
  var counters: [Counter] = []

  init(flags: UInt16 = 0) {
    let stack: [(InterfaceID, InterfaceKind, InterfaceID?)] = [
      (Self.parent, .parent, nil), (Self.vlan, .vlan, Self.parent), (Self.first, .ipvlan, Self.parent),
      (Self.second, .ipvlan, Self.parent), (Self.tagged, .ipvlan, Self.vlan),
    ]
    let interfaces = stack.map { id, kind, lower in
      var interface = Interface(id: id, name: "x", namespace: "c", kind: kind, mac: Self.mac)
      interface.parent = lower
      interface.mode = kind == .ipvlan ? .l2 : nil
      interface.ipvlanFlags = kind == .ipvlan ? flags : 0
      interface.vlan = lower == Self.vlan || kind == .vlan ? VLANID(10) : nil
      return interface
    }
    topology = Topology(parent: Self.parent, interfaces: interfaces, namespaces: [])
  }

  mutating func frames(
    _ frames: UInt64, from source: MACAddress = mac, to destination: MACAddress, vlan: UInt16? = nil,
    at hooks: (InterfaceID, Direction)...
  ) {
    for (interface, direction) in hooks {
      counters.append(
        Counter(
          interface: interface, direction: direction, vlan: vlan.flatMap { VLANID($0) }, source: source,
          destination: destination, frames: frames, bytes: frames * 60))
    }
  }

  func origin(of id: InterfaceID) -> [UInt64] {
    let origin = topology.origins(of: counters)[id] ?? TrafficOrigin()
    return [origin.wire, origin.sibling, origin.reflected]
  }
}

@Suite("Where an ipvlan child's frames came from") struct SharedAddressOriginTests {
  @Test("what one hands to the other has one MAC address at both ends, and is a sibling's")
  func sibling() {
    var segment = SharedAddress()
    segment.frames(
      5, to: SharedAddress.mac, at: (SharedAddress.first, .egress), (SharedAddress.second, .ingress))
    segment.frames(
      3, from: SharedAddress.outside, to: SharedAddress.mac, at: (SharedAddress.parent, .ingress),
      (SharedAddress.second, .ingress))
    #expect(segment.origin(of: SharedAddress.second) == [3, 5, 0])
    #expect(segment.origin(of: SharedAddress.first) == [0, 0, 0])
  }

  @Test("a broadcast goes to the siblings and out; a copy that comes back is delivered to none of them")
  func broadcast() {
    var segment = SharedAddress()
    segment.frames(
      2, to: .broadcast, at: (SharedAddress.first, .egress), (SharedAddress.second, .ingress),
      (SharedAddress.parent, .egress), (SharedAddress.parent, .ingress))
    #expect(segment.origin(of: SharedAddress.second) == [0, 2, 0])
  }

  @Test("the host's own broadcast, under the same address, comes back to each of them")
  func hostBroadcast() {
    var segment = SharedAddress()
    segment.frames(2, to: .broadcast, at: (SharedAddress.first, .egress))
    segment.frames(5, to: .broadcast, at: (SharedAddress.parent, .egress), (SharedAddress.parent, .ingress))
    segment.frames(5, to: .broadcast, at: (SharedAddress.second, .ingress))
    segment.frames(3, to: .broadcast, at: (SharedAddress.first, .ingress))
    // Two of the five that left were the first child's.
    #expect(segment.origin(of: SharedAddress.second) == [0, 2, 3])
    #expect(segment.origin(of: SharedAddress.first) == [0, 0, 3])
  }

  @Test(
    "with the flag VEPA or private nothing is handed over: all of it came back", arguments: [UInt16(1), 2])
  func flags(_ flags: UInt16) {
    var segment = SharedAddress(flags: flags)
    segment.frames(
      4, to: SharedAddress.mac, at: (SharedAddress.first, .egress), (SharedAddress.parent, .egress),
      (SharedAddress.parent, .ingress), (SharedAddress.second, .ingress))
    #expect(segment.origin(of: SharedAddress.second) == [0, 0, 4])
  }

  @Test("what came back once is not given to two of them")
  func sharedReturn() {
    var segment = SharedAddress()
    segment.frames(
      4, to: SharedAddress.mac, at: (SharedAddress.parent, .egress), (SharedAddress.parent, .ingress))
    segment.frames(3, to: SharedAddress.mac, at: (SharedAddress.first, .ingress))
    segment.frames(3, to: SharedAddress.mac, at: (SharedAddress.second, .ingress))
    let both = [SharedAddress.first, SharedAddress.second].map(segment.origin)
    #expect(both[0][2] + both[1][2] == 4 && both[0][1] + both[1][1] == 2)
  }

  @Test("what left under another tag cannot have come back to it")
  func tags() {
    var segment = SharedAddress()
    segment.frames(4, to: .broadcast, at: (SharedAddress.parent, .egress), (SharedAddress.parent, .ingress))
    segment.frames(2, to: .broadcast, at: (SharedAddress.tagged, .ingress))
    #expect(segment.origin(of: SharedAddress.tagged) == [0, 2, 0])
    segment.frames(
      2, to: .broadcast, vlan: 10, at: (SharedAddress.parent, .egress), (SharedAddress.parent, .ingress))
    #expect(segment.origin(of: SharedAddress.tagged) == [0, 0, 2])
  }
}
