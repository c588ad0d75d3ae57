import NetworkAddresses
import PacketKit
import Testing

/// Frames of every kind that PacketKit builds.
enum Samples {
  static let host = MACAddress(rawValue: 0x0200_0000_000b)
  static let child = MACAddress(rawValue: 0x0200_0000_000a)
  static let hostAddress = IPAddress.v4(0xac16_1002)
  static let childAddress = IPAddress.v4(0xac16_100a)
  static let host6 = IPAddress.v6(high: 0xfd00_0000_0000_0000, low: 2)
  static let child6 = IPAddress.v6(high: 0xfd00_0000_0000_0000, low: 0x10)
  static let linkLocal = IPAddress.v6(high: 0xfe80_0000_0000_0000, low: 2)
  static let allNodes = IPAddress.v6(high: 0xff02_0000_0000_0000, low: 1)

  static func octets(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) } }

  static func frame(_ content: EthernetContent, tags: [EthernetTag] = []) -> EthernetFrame {
    EthernetFrame(to: child, from: host, tags: tags, content)
  }

  static func ipv4(_ payload: IPPayload) -> EthernetContent {
    .ipv4(IPv4Packet(from: hostAddress, to: childAddress, identification: 0x1234, payload))
  }

  static func ipv6(_ payload: IPPayload, _ extensions: [IPv6Extension] = []) -> EthernetContent {
    .ipv6(IPv6Packet(from: host6, to: child6, flowLabel: 0x12345, extensions: extensions, payload))
  }

  static func discovery(_ message: NeighborDiscovery) -> EthernetContent {
    .ipv6(
      IPv6Packet(from: linkLocal, to: allNodes, hopLimit: 255, .icmpv6(.neighborDiscovery(message))))
  }

  static let arp = frame(
    .arp(ARPPacket(.request, senderMAC: host, senderAddress: hostAddress, targetAddress: childAddress)))
  static let udp = UDPDatagram(from: 40000, to: 50001, octets(33))
  static let syn = TCPSegment(
    from: 40000, to: 50000, sequence: 0x8000_0001, flags: [.syn, .ece, .cwr], window: 64240,
    options: [
      .maximumSegmentSize(1460), .sackPermitted, .timestamps(value: 77, echoReply: 0), .noOperation,
      .windowScale(7),
    ])
  static let data = TCPSegment(
    from: 50000, to: 40000, sequence: 5, acknowledgment: 0xffff_fff0, flags: [.ack, .psh, .urg],
    urgentPointer: 3,
    options: [
      .noOperation, .noOperation, .sack([.init(start: 10, end: 20), .init(start: 30, end: 0xffff_ffff)]),
    ], octets(101))
  static let tag = EthernetTag(VLANID(tagControlInformation: 10), priority: 5, isDropEligible: true)
  static let service = EthernetTag(VLANID(tagControlInformation: 4094), type: .serviceTag, priority: 1)
  static let echo = ICMPEcho(identifier: 7, sequence: 1, payload: octets(17))

  static let link: [EthernetFrame] = [
    arp,
    frame(
      .arp(
        ARPPacket(
          .reply, senderMAC: child, senderAddress: childAddress, targetMAC: host, targetAddress: hostAddress)
      ), tags: [service, tag]),
    frame(ipv4(.udp(udp)), tags: [tag]),
    frame(ipv4(.icmpv4(.echoRequest(echo))), tags: [service, tag, EthernetTag(tag.vlanID)]),
    frame(ipv6(.udp(udp)), tags: [tag, EthernetTag(service.vlanID)]),
    frame(.other(.localExperimental, octets(46))),
    // A configuration BPDU of IEEE 802.1D, 9.3.1.
    EthernetFrame(
      to: MACAddress(rawValue: 0x0180_c200_0000), from: host,
      .llc(LLCFrame(destinationSAP: 0x42, sourceSAP: 0x42, payload: Array(repeating: 0, count: 35))),
      trailer: Array(repeating: 0, count: 8)),
    // An LLC receiver-ready: two octets of control.
    frame(.llc(LLCFrame(destinationSAP: 0x04, sourceSAP: 0x04, control: [0x01, 0x02], payload: []))),
  ]

  static let internet: [EthernetFrame] = [
    frame(ipv4(.icmpv4(.echoRequest(echo)))),
    frame(ipv4(.icmpv4(.echoReply(echo)))),
    frame(ipv4(.tcp(syn))),
    frame(ipv4(.tcp(data))),
    frame(ipv4(.udp(UDPDatagram(from: 1, to: 2, checksum: .absent, octets(3))))),
    frame(ipv4(.other(IPProtocol(rawValue: 253), octets(24)))),
    // A record route option of RFC 791, 3.1, and a router alert of RFC 2113.
    frame(
      .ipv4(
        IPv4Packet(
          from: hostAddress, to: childAddress, trafficClass: 0xb9, flags: .doNotFragment, timeToLive: 1,
          options: [
            .option(kind: 148, data: [0, 0]), .noOperation,
            .option(kind: 7, data: [4, 0, 0, 0, 0, 0, 0, 0, 0]), .endOfList,
          ],
          .udp(udp)))),
    frame(
      .ipv4(
        IPv4Packet(
          from: hostAddress, to: childAddress, identification: 9, flags: .moreFragments,
          .udp(UDPDatagram(from: 3, to: 4, checksum: .unverified(0xbeef), octets(24), missing: 100))))),
    frame(
      .ipv4(
        IPv4Packet(
          from: hostAddress, to: childAddress, identification: 9, fragmentOffset: 4,
          .fragment(.udp, octets(100))))),
    frame(ipv6(.icmpv6(.echoRequest(echo)))),
    frame(ipv6(.icmpv6(.echoReply(echo)))),
    frame(ipv6(.tcp(syn))),
    frame(ipv6(.tcp(data))),
    frame(ipv6(.other(.noNextHeader, []))),
    frame(
      ipv6(
        .udp(udp),
        [
          .hopByHop([.option(type: 5, data: [0, 0]), .padN(0)]), .destinationOptions([.padN(4)]),
          .routing(IPv6RoutingHeader(type: 2, segmentsLeft: 1, data: [0, 0, 0, 0] + host6.octets)),
        ])),
    frame(
      ipv6(
        .tcp(data),
        [.fragment(IPv6FragmentHeader(offset: 0, hasMore: false, identification: 0xdead_beef))])),
    frame(
      ipv6(
        .fragment(.udp, octets(64)),
        [.fragment(IPv6FragmentHeader(offset: 181, hasMore: true, identification: 0xdead_beef))])),
  ]

  static let neighborDiscovery: [EthernetFrame] = [
    frame(discovery(.routerSolicitation(options: [.sourceLinkLayerAddress(host)]))),
    frame(
      discovery(
        .routerAdvertisement(
          RouterAdvertisement(
            hopLimit: 63, flags: [.managed, .other], routerLifetime: 1800, reachableTime: 30000,
            retransmissionTimer: 1000,
            options: [
              .sourceLinkLayerAddress(host), .mtu(1400),
              PrefixInformation(
                IPPrefix("fd00:1::/64") ?? IPPrefix(host: host6), flags: [.onLink, .autonomous],
                validLifetime: 86400, preferredLifetime: 14400
              ).map { .prefixInformation($0) } ?? .mtu(0),
            ])))),
    frame(
      discovery(.neighborSolicitation(target: child6, options: [.sourceLinkLayerAddress(host)]))),
    frame(
      discovery(
        .neighborAdvertisement(
          target: host6, flags: [.solicited, .override], options: [.targetLinkLayerAddress(host)]))),
    frame(
      discovery(
        .neighborAdvertisement(target: host6, flags: .router, options: [.other(type: 14, data: octets(6))]))),
  ]

  /// Errors that quote packets.
  static func errors() throws -> [EthernetFrame] {
    let quoted4 = try IPv4Packet(from: childAddress, to: hostAddress, flags: .doNotFragment, .tcp(data))
      .octets()
    let quoted6 = try IPv6Packet(from: child6, to: host6, .udp(udp)).octets()
    return [
      frame(ipv4(.icmpv4(.fragmentationNeeded(mtu: 1400, original: Array(quoted4.prefix(28)))))),
      frame(ipv4(.icmpv4(ICMPv4Message(type: 11, .error(ICMPError(original: quoted4)))))),
      frame(ipv6(.icmpv6(.packetTooBig(mtu: 1280, original: quoted6)))),
      frame(
        ipv6(.icmpv6(ICMPv6Message(type: 1, code: 4, .error(ICMPError(original: Array(quoted6.prefix(48)))))))
      ),
    ]
  }

  static func all() throws -> [EthernetFrame] { try link + internet + neighborDiscovery + errors() }
}
