import NetworkAddresses
import Testing
import TraceModel

@Suite("What a frame asks and answers") struct FrameTests {
  static let asker = MACAddress(rawValue: 0x0200_0000_0001)
  static let owner = MACAddress(rawValue: 0x0200_0000_0002)

  static func arp(_ operation: UInt16, from sender: String, for target: String) throws -> Frame {
    Frame(
      source: asker, destination: .broadcast, etherType: 0x0806,
      network: .arp(
        ARPFields(
          operation: operation, senderMAC: asker, senderAddress: try #require(IPAddress(sender)),
          targetMAC: .zero, targetAddress: try #require(IPAddress(target)))))
  }

  static func discovery(_ type: UInt8, from source: String, target: String) throws -> Frame {
    Frame(
      source: asker, destination: owner, etherType: 0x86dd,
      network: .ip(
        IPFields(
          source: try #require(IPAddress(source)), destination: try #require(IPAddress("ff02::1:ff00:10")),
          protocol: 58, ttl: 255,
          transport: .neighborDiscovery(target: try #require(IPAddress(target)), type: type))))
  }

  @Test("an ARP request asks for its target; a reply speaks for its sender")
  func arp() throws {
    let request = try Self.arp(1, from: "172.22.16.2", for: "172.22.16.10")
    #expect(request.solicitedAddress == IPAddress("172.22.16.10"))
    #expect(request.advertisedAddress == nil)
    #expect(request.sourceAddress == IPAddress("172.22.16.2"))
    let reply = try Self.arp(2, from: "172.22.16.10", for: "172.22.16.2")
    #expect(reply.solicitedAddress == nil)
    #expect(reply.advertisedAddress == IPAddress("172.22.16.10"))
  }

  @Test("an announcement (RFC 5227, 2.3) and a probe for duplicates (2.1.1) ask nobody")
  func silentARP() throws {
    #expect(try Self.arp(1, from: "172.22.16.10", for: "172.22.16.10").solicitedAddress == nil)
    #expect(try Self.arp(1, from: "0.0.0.0", for: "172.22.16.10").solicitedAddress == nil)
  }

  @Test("neighbor discovery does the same for IPv6; duplicate address detection (RFC 4862, 5.4) asks nobody")
  func neighborDiscovery() throws {
    #expect(
      try Self.discovery(135, from: "fe80::1", target: "fe80::10").solicitedAddress == IPAddress("fe80::10"))
    #expect(try Self.discovery(135, from: "::", target: "fe80::10").solicitedAddress == nil)
    let advertisement = try Self.discovery(136, from: "fe80::10", target: "fe80::10")
    #expect(advertisement.advertisedAddress == IPAddress("fe80::10"))
    #expect(advertisement.solicitedAddress == nil)
  }

  @Test("a frame of another protocol has no addresses")
  func other() {
    let frame = Frame(source: Self.asker, destination: Self.owner, etherType: 0x88cc)
    #expect(frame.solicitedAddress == nil)
    #expect(frame.advertisedAddress == nil)
    #expect(frame.sourceAddress == nil)
    #expect(frame.destinationAddress == nil)
  }

  @Test("a trajectory starts with whatever came first, a sighting or a drop")
  func trajectoryStart() {
    let frame = Frame(source: Self.asker, destination: Self.owner, etherType: 0x0800)
    let hook = Hook(InterfaceID(namespace: 1, ifindex: 2), .egress)
    let sighting = Sighting(time: 50, hook: hook, packetID: 1, frame: frame)
    let drop = Drop(
      time: 40, packetID: 1, namespace: 1, interface: nil, reason: "NEIGH_FAILED", location: nil, frame: nil)
    #expect(Trajectory(packetID: 1, sightings: [sighting], drops: [drop]).start == 40)
    #expect(Trajectory(packetID: 1, sightings: [sighting]).start == 50)
    #expect(Trajectory(packetID: 1, sightings: [sighting]).passed(hook))
    #expect(!Trajectory(packetID: 1, sightings: [sighting]).passed(Hook(hook.interface, .ingress)))
  }
}
