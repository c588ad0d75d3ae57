import NetworkAddresses
import PacketKit

/// What tshark must print for a frame, written from our values alone.
struct TsharkFields {
  private(set) var values: [String: [String]] = [:]
  /// Of transports inside a quoted packet tshark reads now more and now less than the ports.
  private var isQuoted = false

  private mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    values[name, default: []].append(value.description)
  }

  private mutating func add(_ name: String, hex value: some BinaryInteger, digits: Int) {
    let text = String(value, radix: 16)
    add(name, "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text)
  }

  private mutating func add(_ name: String, flag: Bool) { add(name, flag ? 1 : 0) }

  private mutating func add(_ name: String, octets: [UInt8]) {
    guard !octets.isEmpty else { return }
    add(name, octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
  }

  /// Of Wireshark: 0 bad, 1 good, 2 unverified, 3 not present.
  private mutating func add(_ name: String, _ checksum: Checksum) {
    switch checksum {
    case .incorrect: add(name, 0)
    case .correct: add(name, 1)
    case .unverified: add(name, 2)
    case .absent: add(name, 3)
    }
  }

  init(_ frame: EthernetFrame) {
    add("eth.dst", frame.destination)
    add("eth.src", frame.source)
    for tag in frame.tags {
      let name = tag.type == .serviceTag ? "ieee8021ad" : "vlan"
      add(name + ".id", tag.vlanID)
      add(name + ".priority", tag.priority)
      add(name + ".dei", flag: tag.isDropEligible)
    }
    switch frame.content {
    case .arp(let packet):
      type(.arp, frame)
      arp(packet)
    case .ipv4(let packet):
      type(.ipv4, frame)
      ipv4(packet)
    case .ipv6(let packet):
      type(.ipv6, frame)
      ipv6(packet)
    case .llc(let llc):
      add("eth.len", 2 + llc.control.count + llc.payload.count + llc.missing)
      add("llc.dsap", hex: llc.destinationSAP, digits: 2)
      add("llc.ssap", hex: llc.sourceSAP, digits: 2)
      // IEEE 802.2 sends the low octet first.
      add("llc.control", hex: llc.control.reversed().reduce(0) { $0 << 8 | Int($1) }, digits: 4)
    case .other(let number, _), .unreadable(_, let number, _): type(number, frame)
    }
  }

  private mutating func type(_ number: EtherType, _ frame: EthernetFrame) {
    for (index, number) in (frame.tags.map(\.type) + [number]).enumerated() {
      // Wireshark has no field for the type behind a service tag that it does not read as a service tag's own.
      add(index == 0 ? "eth.type" : "vlan.etype", hex: number.rawValue, digits: 4)
    }
    if frame.tags.first?.type == .serviceTag, frame.tags.count > 1 { values["vlan.etype"]?.removeFirst() }
  }

  private mutating func arp(_ packet: ARPPacket) {
    add("arp.opcode", packet.operation.rawValue)
    add("arp.src.hw_mac", packet.senderMAC)
    add("arp.src.proto_ipv4", packet.senderAddress)
    add("arp.dst.hw_mac", packet.targetMAC)
    add("arp.dst.proto_ipv4", packet.targetAddress)
  }

  private mutating func ipv4(_ packet: IPv4Packet) {
    add("ip.src", packet.source)
    add("ip.dst", packet.destination)
    add("ip.dsfield", hex: packet.trafficClass, digits: 2)
    add("ip.id", hex: packet.identification, digits: 4)
    add("ip.flags.df", flag: packet.flags.contains(.doNotFragment))
    add("ip.flags.mf", flag: packet.flags.contains(.moreFragments))
    add("ip.frag_offset", packet.fragmentOffset)
    add("ip.ttl", packet.timeToLive)
    add("ip.proto", packet.payload.protocol.rawValue)
    add("ip.checksum.status", packet.headerChecksum)
    for kind in packet.options.compactMap(\.kind) { add("ip.opt.type", kind) }
    payload(packet.payload)
  }

  private mutating func ipv6(_ packet: IPv6Packet) {
    add("ipv6.src", packet.source)
    // Wireshark repeats a routing header's addresses elsewhere.
    add("ipv6.dst", packet.destination)
    add("ipv6.tclass", hex: packet.trafficClass, digits: 8)
    add("ipv6.flow", hex: packet.flowLabel, digits: 6)
    add("ipv6.hlim", packet.hopLimit)
    let following = packet.extensions.map(\.protocol.rawValue) + [packet.payload.protocol.rawValue]
    add("ipv6.nxt", following[0])
    for (header, next) in zip(packet.extensions, following.dropFirst()) {
      switch header {
      case .hopByHop(let options):
        add("ipv6.hopopts.nxt", next)
        self.options(options)
      case .destinationOptions(let options):
        add("ipv6.dstopts.nxt", next)
        self.options(options)
      case .routing(let routing):
        add("ipv6.routing.nxt", next)
        add("ipv6.routing.type", routing.type)
        add("ipv6.routing.segleft", routing.segmentsLeft)
      case .fragment(let fragment):
        add("ipv6.fraghdr.nxt", next)
        add("ipv6.fraghdr.offset", fragment.offset)
        add("ipv6.fraghdr.more", flag: fragment.hasMore)
        add("ipv6.fraghdr.ident", hex: fragment.identification, digits: 8)
      }
    }
    payload(packet.payload)
  }

  private mutating func options(_ options: [IPv6Option]) {
    for option in options {
      switch option {
      case .pad1: add("ipv6.opt.type", hex: 0, digits: 2)
      case .padN: add("ipv6.opt.type", hex: 1, digits: 2)
      case .option(let type, _): add("ipv6.opt.type", hex: type, digits: 2)
      }
    }
  }

  private mutating func payload(_ payload: IPPayload) {
    switch payload {
    case .udp(let datagram):
      add("udp.srcport", datagram.sourcePort)
      add("udp.dstport", datagram.destinationPort)
      if !isQuoted { udp(datagram) }
    case .tcp(let segment):
      add("tcp.srcport", segment.sourcePort)
      add("tcp.dstport", segment.destinationPort)
      if !isQuoted { tcp(segment) }
    case .icmpv4(let message) where !isQuoted: icmpv4(message)
    case .icmpv6(let message) where !isQuoted: icmpv6(message)
    case .unreadable(_, let number, let octets) where isQuoted && [.tcp, .udp].contains(number):
      // An ICMP error may quote no more than 8 octets of a transport.
      let name = number == .tcp ? "tcp" : "udp"
      guard octets.count >= 4 else { return }
      add(name + ".srcport", Int(octets[0]) << 8 | Int(octets[1]))
      add(name + ".dstport", Int(octets[2]) << 8 | Int(octets[3]))
    default: break
    }
  }

  private mutating func udp(_ datagram: UDPDatagram) {
    add("udp.length", UDPDatagram.headerLength + datagram.payload.count + datagram.missing)
    add("udp.checksum.status", datagram.checksum)
    add("udp.payload", octets: datagram.payload)
  }

  private mutating func tcp(_ segment: TCPSegment) {
    add("tcp.seq_raw", segment.sequence)
    add("tcp.ack_raw", segment.acknowledgment)
    add("tcp.flags", hex: segment.flags.rawValue, digits: 4)
    add("tcp.window_size_value", segment.window)
    add("tcp.checksum.status", segment.checksum)
    add("tcp.urgent_pointer", segment.urgentPointer)
    add("tcp.len", segment.payload.count)
    add("tcp.payload", octets: segment.payload)
    for option in segment.options {
      switch option {
      case .maximumSegmentSize(let size):
        add("tcp.option_kind", 2)
        add("tcp.options.mss_val", size)
      case .windowScale(let shift):
        add("tcp.option_kind", 3)
        add("tcp.options.wscale.shift", shift)
      case .sackPermitted: add("tcp.option_kind", 4)
      case .sack(let blocks):
        add("tcp.option_kind", 5)
        for block in blocks {
          add("tcp.options.sack_le", block.start)
          add("tcp.options.sack_re", block.end)
        }
      case .timestamps(let value, let echoReply):
        add("tcp.option_kind", 8)
        add("tcp.options.timestamp.tsval", value)
        add("tcp.options.timestamp.tsecr", echoReply)
      case .other(let option):
        if let kind = option.kind { add("tcp.option_kind", kind) }
      }
    }
  }

  private mutating func icmpv4(_ message: ICMPv4Message) {
    add("icmp.type", message.type)
    add("icmp.code", message.code)
    add("icmp.checksum.status", message.checksum)
    switch message.content {
    case .echo(let echo):
      add("icmp.ident", echo.identifier)
      add("icmp.seq", echo.sequence)
    case .error(let error):
      if message.type == 3, message.code == 4 { add("icmp.mtu", error.parameter & 0xffff) }
      quote { if let packet = try? IPv4Packet(octets: error.original) { $0.ipv4(packet) } }
    case .other, .unreadable: break
    }
  }

  private mutating func icmpv6(_ message: ICMPv6Message) {
    add("icmpv6.type", message.type)
    add("icmpv6.code", message.code)
    add("icmpv6.checksum.status", message.checksum)
    switch message.content {
    case .echo(let echo):
      add("icmpv6.echo.identifier", hex: echo.identifier, digits: 4)
      add("icmpv6.echo.sequence_number", echo.sequence)
    case .error(let error):
      if message.type == 2 { add("icmpv6.mtu", error.parameter) }
      quote { if let packet = try? IPv6Packet(octets: error.original) { $0.ipv6(packet) } }
    case .neighborDiscovery(let discovery): neighborDiscovery(discovery)
    case .other, .unreadable: break
    }
  }

  private mutating func quote(_ body: (inout TsharkFields) -> Void) {
    isQuoted = true
    body(&self)
    isQuoted = false
  }

  private mutating func neighborDiscovery(_ message: NeighborDiscovery) {
    switch message {
    case .routerSolicitation: break
    case .routerAdvertisement(let router):
      add("icmpv6.nd.ra.cur_hop_limit", router.hopLimit)
      add("icmpv6.nd.ra.flag", hex: router.flags.rawValue, digits: 2)
      add("icmpv6.nd.ra.router_lifetime", router.routerLifetime)
      add("icmpv6.nd.ra.reachable_time", router.reachableTime)
      add("icmpv6.nd.ra.retrans_timer", router.retransmissionTimer)
    case .neighborSolicitation(let target, _, _): add("icmpv6.nd.ns.target_address", target)
    case .neighborAdvertisement(let target, let flags, _):
      add("icmpv6.nd.na.target_address", target)
      add("icmpv6.nd.na.flag.r", flag: flags.contains(.router))
      add("icmpv6.nd.na.flag.s", flag: flags.contains(.solicited))
      add("icmpv6.nd.na.flag.o", flag: flags.contains(.override))
    }
    for option in message.options {
      switch option {
      case .sourceLinkLayerAddress(let address):
        add("icmpv6.opt.type", 1)
        add("icmpv6.opt.linkaddr", address)
      case .targetLinkLayerAddress(let address):
        add("icmpv6.opt.type", 2)
        add("icmpv6.opt.linkaddr", address)
      case .prefixInformation(let information):
        add("icmpv6.opt.type", 3)
        add("icmpv6.opt.prefix", information.prefix.address)
        add("icmpv6.opt.prefix.length", information.prefix.length)
        add("icmpv6.opt.prefix.flag", hex: information.flags.rawValue, digits: 2)
        add("icmpv6.opt.prefix.valid_lifetime", information.validLifetime)
        add("icmpv6.opt.prefix.preferred_lifetime", information.preferredLifetime)
      case .mtu(let mtu):
        add("icmpv6.opt.type", 5)
        add("icmpv6.opt.mtu", mtu)
      case .other(let type, _): add("icmpv6.opt.type", type)
      }
    }
  }

  /// Every field that is compared: one that is not expected must not be there.
  static let names = [
    "eth.dst", "eth.src", "eth.type", "eth.len", "vlan.id", "vlan.priority", "vlan.dei", "vlan.etype",
    "ieee8021ad.id", "ieee8021ad.priority", "ieee8021ad.dei", "llc.dsap", "llc.ssap", "llc.control",
    "arp.opcode", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4", "ip.src",
    "ip.dst", "ip.dsfield", "ip.id", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.ttl", "ip.proto",
    "ip.checksum.status", "ip.opt.type", "ipv6.src", "ipv6.dst", "ipv6.tclass", "ipv6.flow", "ipv6.hlim",
    "ipv6.nxt", "ipv6.hopopts.nxt", "ipv6.dstopts.nxt", "ipv6.routing.nxt", "ipv6.routing.type",
    "ipv6.routing.segleft", "ipv6.fraghdr.nxt", "ipv6.fraghdr.offset", "ipv6.fraghdr.more",
    "ipv6.fraghdr.ident", "ipv6.opt.type", "udp.srcport", "udp.dstport", "udp.length", "udp.checksum.status",
    "udp.payload", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags",
    "tcp.window_size_value", "tcp.checksum.status", "tcp.urgent_pointer", "tcp.len", "tcp.payload",
    "tcp.option_kind", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr", "tcp.options.sack_le", "tcp.options.sack_re", "icmp.type", "icmp.code",
    "icmp.checksum.status", "icmp.ident", "icmp.seq", "icmp.mtu", "icmpv6.type", "icmpv6.code",
    "icmpv6.checksum.status", "icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu",
    "icmpv6.nd.ra.cur_hop_limit", "icmpv6.nd.ra.flag", "icmpv6.nd.ra.router_lifetime",
    "icmpv6.nd.ra.reachable_time", "icmpv6.nd.ra.retrans_timer", "icmpv6.nd.ns.target_address",
    "icmpv6.nd.na.target_address", "icmpv6.nd.na.flag.r", "icmpv6.nd.na.flag.s", "icmpv6.nd.na.flag.o",
    "icmpv6.opt.type", "icmpv6.opt.linkaddr", "icmpv6.opt.prefix", "icmpv6.opt.prefix.length",
    "icmpv6.opt.prefix.flag", "icmpv6.opt.prefix.valid_lifetime", "icmpv6.opt.prefix.preferred_lifetime",
    "icmpv6.opt.mtu",
  ]
}

extension HeaderOption {
  /// The kind on the wire; `nil` for octets that are no options.
  fileprivate var kind: UInt8? {
    switch self {
    case .endOfList: 0
    case .noOperation: 1
    case .option(let kind, _): kind
    case .rest: nil
    }
  }
}
