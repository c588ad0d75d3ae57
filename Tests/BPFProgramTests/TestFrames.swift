import NetworkAddresses
import PacketKit

/// Frames from 172.22.16.2 to 172.22.16.10, and a neighbor solicitation for fe80::1.
enum TestFrames {
  static let source = MACAddress(rawValue: 0x0200_0000_000b)
  static let destination = MACAddress(rawValue: 0x0200_0000_000a)
  static let sender = IPAddress.v4(0xac16_1002)
  static let target = IPAddress.v4(0xac16_100a)
  static let tag = EthernetTag(VLANID(tagControlInformation: 10))
  static let serviceTag = EthernetTag(VLANID(tagControlInformation: 20), type: .serviceTag)

  static let arp = frame(
    .arp(ARPPacket(.request, senderMAC: source, senderAddress: sender, targetAddress: target)),
    trailer: Array(repeating: 0, count: 18))

  static let echo = echoRequest(sequence: 1)

  static func echoRequest(sequence: UInt16) -> EthernetFrame {
    let echo = ICMPEcho(identifier: 7, sequence: sequence, payload: Array(repeating: 0xaa, count: 16))
    return frame(
      .ipv4(IPv4Packet(from: sender, to: target, identification: 0x1234, .icmpv4(.echoRequest(echo)))))
  }

  /// What the next router makes of the echo request, and one on the way that marks its class.
  static let routedEcho: EthernetFrame = {
    var frame = echo
    frame.destination = MACAddress(rawValue: 0x0200_0000_0077)
    if case .ipv4(var packet) = frame.content {
      packet.timeToLive -= 1
      packet.trafficClass = 0x2e
      frame.content = .ipv4(packet)
    }
    return frame
  }()

  static let solicitation = solicitation(behind: [])
  static let extendedSolicitation = solicitation(behind: [
    .hopByHop([.padN(4)]), .destinationOptions([.padN(4)]),
  ])

  private static func solicitation(behind extensions: [IPv6Extension]) -> EthernetFrame {
    let target = IPAddress.v6(high: 0xfe80 << 48, low: 1)
    return frame(
      .ipv6(
        IPv6Packet(
          from: .v6(high: 0xfe80 << 48, low: 2), to: .v6(high: 0xff02 << 48, low: 0x1_ff00_0001),
          hopLimit: 255,
          extensions: extensions, .icmpv6(.neighborDiscovery(.neighborSolicitation(target: target))))))
  }

  /// A TCP segment of many, as the kernel hands it to a card that cuts it up.
  static func tcp(payload: Int) -> EthernetFrame {
    let segment = TCPSegment(
      from: 4096, to: 80, sequence: 1, acknowledgment: 1, flags: .ack, window: 256,
      Array(repeating: 1, count: payload))
    return frame(.ipv4(IPv4Packet(from: sender, to: target, identification: 1, .tcp(segment))))
  }

  private static func frame(_ content: EthernetContent, trailer: [UInt8] = []) -> EthernetFrame {
    EthernetFrame(to: destination, from: source, content, trailer: trailer)
  }
}

extension EthernetFrame {
  /// The same with these tags, outermost first.
  func tagged(_ tags: EthernetTag...) -> EthernetFrame { tagged(tags) }

  /// The same with these tags, outermost first.
  func tagged(_ tags: [EthernetTag]) -> EthernetFrame {
    var frame = self
    frame.tags = tags
    return frame
  }
}
