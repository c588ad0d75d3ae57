import NetworkAddresses
import Testing
import TraceModel

@Suite("What each VLAN carried") struct VLANTrafficTests {
  private static let parent = InterfaceID(namespace: 1, ifindex: 7)
  private static let office = InterfaceID(namespace: 1, ifindex: 8)
  private static let service = InterfaceID(namespace: 1, ifindex: 9)
  private static let upper = InterfaceID(namespace: 1, ifindex: 10)

  private static func vlan(
    _ id: InterfaceID, _ number: UInt16, on lower: InterfaceID, _ kind: VLANProtocol = .ieee8021Q
  ) -> Interface {
    var interface = Interface(id: id, name: "v\(number)", namespace: "host", kind: .vlan)
    interface.parent = lower
    interface.vlan = VLANID(number)
    interface.vlanProtocol = kind
    return interface
  }

  /// `ens33` with VLAN 10 (802.1Q), VLAN 100 (802.1ad) and VLAN 20 on the latter.
  private static let topology = Topology(
    parent: parent,
    interfaces: [
      Interface(id: parent, name: "ens33", namespace: "host", kind: .parent), vlan(office, 10, on: parent),
      vlan(service, 100, on: parent, .ieee8021ad), vlan(upper, 20, on: service),
    ], namespaces: [])

  private static func counter(
    _ direction: Direction, _ vlan: UInt16?, _ kind: VLANProtocol = .ieee8021Q, inner: UInt16? = nil,
    at interface: InterfaceID = parent, source: UInt64 = 1
  ) -> Counter {
    Counter(
      interface: interface, direction: direction, vlan: vlan.flatMap { VLANID($0) }, vlanProtocol: kind,
      innerVLAN: inner.flatMap { VLANID($0) }, source: MACAddress(rawValue: source), destination: .broadcast,
      frames: 3, bytes: 300)
  }

  private static func entry(_ counters: [Counter], _ vlan: UInt16?, inner: UInt16? = nil) -> VLANTraffic? {
    topology.vlanTraffic(of: counters).first {
      $0.vlan?.rawValue == vlan && $0.innerVLAN?.rawValue == inner
    }
  }

  @Test("a VLAN's frames of all addresses, each way, by the device that takes them")
  func subinterface() {
    let counters = [
      Self.counter(.ingress, 10), Self.counter(.ingress, 10, source: 2), Self.counter(.egress, 10),
      Self.counter(.ingress, nil, at: Self.office),
    ]
    let entry = Self.entry(counters, 10)
    #expect(entry?.handling == .subinterface && entry?.device == Self.office)
    #expect(entry?.framesIn == 6 && entry?.bytesIn == 600 && entry?.framesOut == 3 && entry?.bytesOut == 300)
  }

  @Test("a VLAN without a device, and one whose tag has the other protocol, are nobody's")
  func unknown() {
    let counters = [Self.counter(.ingress, 30), Self.counter(.ingress, 10, .ieee8021ad)]
    #expect(Self.entry(counters, 30)?.handling == .unknown)
    let tens = Self.topology.vlanTraffic(of: counters).filter { $0.vlan?.rawValue == 10 }
    #expect(tens.map(\.handling) == [.subinterface, .unknown])
    #expect(tens.map(\.framesIn) == [0, 3])
  }

  @Test("two tags: the upper device takes them; without one, nobody does")
  func double() {
    let counters = [
      Self.counter(.ingress, 100, .ieee8021ad, inner: 20),
      Self.counter(.ingress, 100, .ieee8021ad, inner: 21),
    ]
    #expect(Self.entry(counters, 100, inner: 20)?.device == Self.upper)
    #expect(Self.entry(counters, 100, inner: 21)?.handling == .unknown)
    // Without an inner tag the service VLAN itself takes them: that none came is said.
    #expect(Self.entry(counters, 100)?.framesIn == 0)
  }

  @Test("untagged and priority-tagged frames on a trunk are the interface's own")
  func untagged() {
    let counters = [Self.counter(.ingress, nil), Self.counter(.ingress, 0)]
    #expect(Self.entry(counters, nil)?.handling == .untagged)
    #expect(Self.entry(counters, 0)?.handling == .untagged)
    #expect(Self.topology.vlanTraffic(of: counters).first?.vlan == nil)
  }

  @Test("no tag and no VLAN device: nothing to say")
  func flat() {
    var flat = Self.topology
    flat.interfaces.removeAll { $0.kind == .vlan }
    #expect(flat.vlanTraffic(of: [Self.counter(.ingress, nil)]).isEmpty)
  }
}
