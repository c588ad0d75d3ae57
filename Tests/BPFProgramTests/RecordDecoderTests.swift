import CMacvtraceABI
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceCapture

/// Records as bpf/include/macvtrace_abi.h lays them out, octet by octet, without a kernel.
@Suite("Records of the ring buffer") struct RecordDecoderTests {
  static let interface = InterfaceID(namespace: 4_026_531_840, ifindex: 7)

  static var registry: HookRegistry {
    var registry = HookRegistry()
    _ = registry.ingressHook(interface)
    return registry
  }

  /// Numbers of the record are in host byte order.
  static func octets(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number) { Array($0) }
  }

  /// A frame's 96 octets.
  static func frame(
    outer: (UInt16, UInt16) = (0, 0), inner: (UInt16, UInt16) = (0, 0), etherType: UInt16 = 0x0800,
    network: UInt8 = 0, transport: UInt8 = 0, source: [UInt8] = [], destination: [UInt8] = [],
    ports: (UInt16, UInt16) = (0, 0), operation: UInt16 = 0, target: [UInt8] = []
  ) -> [UInt8] {
    let sixteen = { (octets: [UInt8]) in octets + [UInt8](repeating: 0, count: 16 - octets.count) }
    let link: [UInt8] = [0x02, 0, 0, 0, 0, 0x0a, 0x02, 0, 0, 0, 0, 0x0b]
    let tags = [outer.0, outer.1, inner.0, inner.1, etherType].flatMap(octets)
    let addresses = sixteen(source) + sixteen(destination)
    // Protocol, TTL, flags or type, code, identification, fragment offset.
    let header: [UInt8] = [6, 64, 0x12, 3] + octets(0x1_2345 as UInt32) + octets(185 as UInt16)
    let transportFields = octets(ports.0) + octets(ports.1) + octets(operation)
    let numbers = octets(0x8000_0001 as UInt32) + octets(0xffff_fffe as UInt32)
    return link + tags + [network, transport] + addresses + header + transportFields + numbers
      + sixteen(target)
  }

  static func sighting(hook: UInt16 = 14, reason: UInt8 = 2, _ frame: [UInt8] = frame()) -> [UInt8] {
    octets(1 as UInt32) + octets(hook) + [reason, 0] + octets(0x1_0000_0000_0002 as UInt64)
      + octets(0xfedc_ba98_7654_3210 as UInt64) + octets(65_000 as UInt32) + octets(45 as UInt32) + frame
  }

  /// Hands out octets as the ring buffer does: aligned to 8.
  static func reading<Value>(_ octets: [UInt8], _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    let aligned = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 8)
    defer { aligned.deallocate() }
    aligned.copyBytes(from: octets)
    return body(UnsafeRawBufferPointer(aligned))
  }

  static func decoded(_ octets: [UInt8]) -> Sighting? {
    reading(octets) { RecordDecoder.sighting($0, registry) }
  }

  @Test func aSightingSaysWhereWhenAndWhat() throws {
    let sighting = try #require(Self.decoded(Self.sighting(hook: 15)))
    #expect(sighting.time == 0x1_0000_0000_0002 && sighting.packetID == 0xfedc_ba98_7654_3210)
    #expect(sighting.hook == Hook(Self.interface, .egress) && sighting.reason == .conversation)
    #expect(sighting.length == 65_000 && sighting.segments == 45)
    #expect(sighting.frame.destination == MACAddress("02:00:00:00:00:0a"))
    #expect(sighting.frame.source == MACAddress("02:00:00:00:00:0b"))
    #expect(sighting.frame.etherType == 0x0800 && sighting.frame.network == .other)
    #expect(
      sighting.frame.outerTag == nil && sighting.frame.innerTag == nil && sighting.frame.lease == nil)
    #expect(Self.decoded(Self.sighting())?.hook.direction == .ingress)
  }

  @Test func tags() throws {
    let frame = try #require(
      Self.decoded(Self.sighting(Self.frame(outer: (0x88a8, 0x2064), inner: (0x8100, 10))))?.frame)
    #expect(frame.outerTag == VLANTag(protocolID: 0x88a8, controlInformation: 0x2064))
    #expect(frame.innerTag == VLANTag(protocolID: 0x8100, controlInformation: 10))
  }

  @Test func tcpOverIPv4() throws {
    let octets = Self.frame(
      network: 4, transport: 3, source: [172, 22, 16, 2], destination: [172, 22, 16, 10], ports: (443, 65_535)
    )
    let ip = try #require(Self.decoded(Self.sighting(octets))?.frame.ip)
    #expect(ip.source == IPAddress("172.22.16.2") && ip.destination == IPAddress("172.22.16.10"))
    #expect(ip.protocol == 6 && ip.ttl == 64 && ip.identification == 0x1_2345 && ip.fragmentOffset == 185)
    #expect(
      ip.transport
        == .tcp(
          sourcePort: 443, destinationPort: 65_535, flags: 0x12, sequence: 0x8000_0001,
          acknowledgment: 0xffff_fffe))
  }

  @Test func neighborDiscoveryAndICMPOverIPv6() throws {
    let source = try #require(IPAddress("2001:db8::1"))
    let destination = try #require(IPAddress("ff02::1:ff00:2"))
    let target = try #require(IPAddress("fe80::1:2"))
    let octets = { (transport: UInt8) in
      Self.frame(
        network: 6, transport: transport, source: source.octets, destination: destination.octets,
        ports: (9, 10), target: target.octets)
    }
    let discovery = try #require(Self.decoded(Self.sighting(octets(2)))?.frame.ip)
    #expect(discovery.source == source && discovery.destination == destination)
    #expect(discovery.transport == .neighborDiscovery(target: target, type: 0x12))
    let icmp = try #require(Self.decoded(Self.sighting(octets(1)))?.frame.ip)
    #expect(icmp.transport == .icmp(type: 0x12, code: 3, identifier: 9, sequence: 10))
    #expect(Self.decoded(Self.sighting(octets(0)))?.frame.ip?.transport == TransportFields.none)
  }

  @Test func anARPPacket() throws {
    let octets = Self.frame(
      etherType: 0x0806, network: 1, source: [10, 0, 0, 1], destination: [10, 0, 0, 2], operation: 2,
      target: [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0xfe])
    let arp = try #require(Self.decoded(Self.sighting(octets))?.frame.arp)
    #expect(arp.operation == 2)
    #expect(arp.senderMAC == MACAddress("02:00:00:00:00:01") && arp.senderAddress == IPAddress("10.0.0.1"))
    #expect(arp.targetMAC == MACAddress("02:00:00:00:00:fe") && arp.targetAddress == IPAddress("10.0.0.2"))
  }

  @Test func aLeaseOfADHCPServer() throws {
    let octets = { (port: UInt16, target: [UInt8]) in
      Self.frame(
        network: 4, transport: 4, source: [10, 0, 0, 1], destination: [10, 0, 0, 2], ports: (port, 68),
        target: target)
    }
    let target: [UInt8] = [10, 0, 0, 2, 2, 0, 0, 0, 0, 0x0c]
    let frame = try #require(Self.decoded(Self.sighting(octets(67, target)))?.frame)
    #expect(frame.lease?.address == IPAddress("10.0.0.2"))
    #expect(frame.lease?.client == MACAddress("02:00:00:00:00:0c"))
    #expect(frame.ip?.transport == .udp(sourcePort: 67, destinationPort: 68, lease: frame.lease))
    #expect(Self.decoded(Self.sighting(octets(68, target)))?.frame.lease == nil)
    #expect(Self.decoded(Self.sighting(octets(67, [])))?.frame.lease == nil)
  }

  @Test func whatIsTooShortUnknownOrOfNoHookIsRefused() {
    let whole = Self.sighting()
    #expect(whole.count == MemoryLayout<mvt_sighting>.size)
    for length in whole.indices { #expect(Self.decoded(Array(whole.prefix(length))) == nil) }
    #expect(Self.decoded(whole + [0, 0]) != nil)
    #expect(Self.decoded(Self.sighting(hook: 16)) == nil && Self.decoded(Self.sighting(hook: .max)) == nil)
    #expect(Self.decoded(Self.sighting(reason: 4)) == nil)

    for length in 0..<4 { #expect(Self.reading(Array(whole.prefix(length)), RecordDecoder.kind) == nil) }
    #expect(Self.reading(Array(whole.prefix(4)), RecordDecoder.kind) == MVT_SIGHTING)
    #expect(Self.reading([3, 0, 0, 0, 9], RecordDecoder.kind) == MVT_NEIGHBOR)
  }

  @Test func aDropWithAndWithoutItsFrame() throws {
    let octets = { (hasFrame: UInt8) in
      Self.octets(2 as UInt32) + Self.octets(75 as UInt32)
        + [1, 2, 3, 4].flatMap { Self.octets($0 as UInt64) }
        .prefix(24) + Self.octets(5 as UInt32) + Self.octets(6 as UInt32) + [hasFrame, 1, 0, 0, 0, 0, 0, 0]
        + Self.frame(outer: (0x8100, 20))
    }
    let whole = octets(1)
    #expect(whole.count == MemoryLayout<mvt_drop>.size)
    let drop = try #require(Self.reading(whole, RecordDecoder.drop))
    #expect(drop.reason == 75 && drop.time == 1 && drop.packet_id == 2)
    #expect(drop.location == 3 && drop.namespace_inode == 5 && drop.ifindex == 6)
    #expect(RecordDecoder.frame(of: drop)?.outerTag == VLANTag(controlInformation: 20))
    let bare = try #require(Self.reading(octets(0), RecordDecoder.drop))
    #expect(RecordDecoder.frame(of: bare) == nil)
    for length in whole.indices {
      #expect(Self.reading(Array(whole.prefix(length)), RecordDecoder.drop) == nil)
    }
  }

  @Test func aNeighborEvent() throws {
    let octets = { (state: UInt16, family: UInt16, address: [UInt8], mac: [UInt8]) in
      Self.octets(3 as UInt32) + Self.octets(7 as UInt32) + Self.octets(99 as UInt64)
        + Self.octets(4_026_531_840 as UInt32) + Self.octets(state) + Self.octets(family) + address
        + [UInt8](repeating: 0, count: 16 - address.count) + mac + [0, 0]
    }
    let mac: [UInt8] = [2, 0, 0, 0, 0, 1]
    // NUD_REACHABLE, NUD_FAILED (include/uapi/linux/neighbour.h); AF_INET, AF_INET6.
    let whole = octets(0x02, 2, [10, 0, 0, 1], mac)
    #expect(whole.count == MemoryLayout<mvt_neighbor>.size)
    let event = try #require(Self.reading(whole, RecordDecoder.neighborEvent))
    #expect(event.time == 99 && event.interface == Self.interface && event.address == IPAddress("10.0.0.1"))
    #expect(event.mac == MACAddress("02:00:00:00:00:01") && event.state == .reachable)
    let address = try #require(IPAddress("fe80::2"))
    let failed = try #require(
      Self.reading(octets(0x20, 10, address.octets, mac), RecordDecoder.neighborEvent))
    #expect(failed.address == address && failed.mac == nil && failed.state == .failed)
    #expect(Self.reading(octets(0x03, 2, [10, 0, 0, 1], mac), RecordDecoder.neighborEvent) == nil)
    for length in whole.indices {
      #expect(Self.reading(Array(whole.prefix(length)), RecordDecoder.neighborEvent) == nil)
    }
  }
}
