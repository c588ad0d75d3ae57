import PacketKit
import Testing

@Suite("Reading real traffic", .enabled(if: isRoot && Tshark.isThere)) struct TrafficTests {
  private func frames() throws -> [EthernetFrame] {
    let capture = try CaptureFile(octets: Traffic.file.get())
    #expect(capture.end == .complete)
    try #require(!capture.packets.isEmpty)
    return try capture.packets.map { try EthernetFrame(octets: $0.octets) }
  }

  @Test("every field is what tshark reads") func fields() throws {
    try Agreement.expect(frames(), Traffic.onDisk())
  }

  @Test("every frame is built again octet by octet") func rebuilding() throws {
    let capture = try CaptureFile(octets: Traffic.file.get())
    try #require(!capture.packets.isEmpty)
    for packet in capture.packets {
      let frame = try EthernetFrame(octets: packet.octets)
      #expect(try frame.octets() == packet.octets)
      #expect(packet.originalLength == packet.octets.count)
    }
  }

  @Test("the traffic has what the parsers are for") func coverage() throws {
    var kinds: Set<String> = []
    for frame in try frames() {
      switch frame.content {
      case .arp(let packet): kinds.insert("ARP \(packet.operation.rawValue)")
      case .ipv4(let packet):
        kinds.insert(kind(packet.payload))
        if !packet.options.isEmpty { kinds.insert("IPv4 options") }
      case .ipv6(let packet):
        kinds.insert(kind(packet.payload))
        for header in packet.extensions { kinds.insert("IPv6 \(header.protocol.rawValue)") }
      case .llc, .other, .unreadable: Issue.record("\(frame)")
      }
    }
    let wanted: Set<String> = [
      "ARP 1", "ARP 2", "ICMP 0", "ICMP 8", "ICMP 3", "ICMPv6 128", "ICMPv6 129", "ICMPv6 1", "ICMPv6 135",
      "ICMPv6 136", "ICMPv6 143", "IPv4 options", "IPv6 0", "IPv6 44", "UDP", "TCP", "fragment",
    ]
    #expect(wanted.subtracting(kinds).isEmpty)
    #expect(!kinds.contains("unreadable"))
  }

  private func kind(_ payload: IPPayload) -> String {
    switch payload {
    case .icmpv4(let message): "ICMP \(message.type)"
    case .icmpv6(let message): "ICMPv6 \(message.type)"
    case .udp: "UDP"
    case .tcp: "TCP"
    case .fragment: "fragment"
    case .other: "other"
    case .unreadable: "unreadable"
    }
  }

  @Test("the kernel's checksums are found correct, and one wrong bit is found") func checksums() throws {
    var judged = 0
    for frame in try frames() {
      guard let checksum = transportChecksum(frame) else { continue }
      judged += 1
      #expect(checksum == .correct, "\(frame)")
      var octets = try frame.octets()
      octets[octets.count - 1 - frame.trailer.count] ^= 0x10
      let changed = transportChecksum(try EthernetFrame(octets: octets))
      if case .incorrect = changed { continue }
      Issue.record("\(String(describing: changed)) in \(frame)")
    }
    #expect(judged > 40)
  }

  /// The checksum of a whole transport that is no fragment and has one.
  private func transportChecksum(_ frame: EthernetFrame) -> Checksum? {
    let payload: IPPayload
    switch frame.content {
    case .ipv4(let packet): payload = packet.payload
    case .ipv6(let packet): payload = packet.payload
    default: return nil
    }
    let checksum: Checksum? =
      switch payload {
      case .icmpv4(let message): message.checksum
      case .icmpv6(let message): message.checksum
      case .udp(let datagram): datagram.payload.isEmpty ? nil : datagram.checksum
      case .tcp(let segment): segment.payload.isEmpty ? nil : segment.checksum
      default: nil
      }
    if case .unverified = checksum { return nil }
    return checksum
  }
}
