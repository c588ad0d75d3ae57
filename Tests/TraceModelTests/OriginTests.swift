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
