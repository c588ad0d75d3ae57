import NetworkAddresses
import PacketKit
import TestSupport
import Testing

@Suite("Reading hostile frames") struct HostileFrameTests {
  @Test("a frame that was built is read as it was")
  func roundTrip() throws {
    for frame in try Samples.all() {
      let read = try EthernetFrame(octets: frame.octets())
      #expect(try read.octets() == frame.octets())
      // Options get their final padding on the wire, so what was read once is what is read again.
      #expect(try EthernetFrame(octets: read.octets()) == read)
    }
    for frame in try Samples.link + Samples.neighborDiscovery + Samples.errors() {
      #expect(try EthernetFrame(octets: frame.octets()) == frame)
    }
  }

  /// Whatever is read holds the same octets, so nothing is made up and nothing is lost.
  private func expectFaithful(_ octets: [UInt8]) throws {
    guard octets.count >= EthernetFrame.headerLength else {
      #expect(
        throws: ParseFailure.truncated(.ethernet, needed: EthernetFrame.headerLength, available: octets.count)
      ) { try EthernetFrame(octets: octets) }
      return
    }
    let frame = try EthernetFrame(octets: octets)
    if try frame.octets() != octets { Issue.record("\(octets) became \(frame)") }
  }

  @Test("a frame cut off anywhere is read as far as it goes")
  func truncations() throws {
    for frame in try Samples.all() {
      let octets = try frame.octets(paddedTo: EthernetFrame.minimumLength)
      for length in 0..<octets.count { try expectFaithful(Array(octets[..<length])) }
    }
  }

  @Test("a frame with any bit changed is read without a trap, cut off or whole")
  func bitFlips() throws {
    for frame in try Samples.all() {
      let octets = try frame.octets()
      for bit in 0..<8 * octets.count {
        var changed = octets
        changed[bit / 8] ^= 1 << (bit % 8)
        try expectFaithful(changed)
        // Lengths that announce more or less than there is.
        try expectFaithful(Array(changed[..<min(octets.count, 14 + bit % 64)]))
      }
    }
  }

  @Test("random octets behind every type are read without a trap")
  func randomOctets() throws {
    var random = SplitMix(seed: 2026)
    let heads: [[UInt8]] = [
      [8, 0, 0x45], [8, 0, 0x4f], [0x86, 0xdd, 0x60], [8, 6, 0, 1, 8, 0, 6, 4], [0x81, 0], [0x88, 0xa8],
      [0, 40], [],
    ]
    for _ in 0..<20000 {
      let head = heads[Int(random.next() % UInt64(heads.count))]
      let count = Int(random.next() % 120)
      let octets =
        (Samples.child.octets + Samples.host.octets + head)
        + (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() & random.next()) }
      try expectFaithful(octets)
    }
  }

  @Test("what is cut off is said at its layer, in octets", arguments: 14..<60)
  func truncatedTCP(_ length: Int) throws {
    let octets = try Samples.frame(Samples.ipv4(.tcp(Samples.data))).octets()
    let total = octets.count - 14
    // Ethernet 14, IPv4 20 (RFC 791), TCP 20 and its options to 40 (RFC 9293).
    let frame = try EthernetFrame(octets: octets[..<length])
    if length < 34 {
      let failure = ParseFailure.truncated(.ipv4, needed: 20, available: length - 14)
      #expect(frame.content == .unreadable(failure, .ipv4, octets: Array(octets[14..<length])))
      return
    }
    guard case .ipv4(let packet) = frame.content else {
      Issue.record("\(frame)")
      return
    }
    #expect(packet.headerChecksum == .correct && packet.missing == total - (length - 14))
    let available = length - 34
    let failure = ParseFailure.truncated(.tcp, needed: available < 20 ? 20 : 40, available: available)
    #expect(packet.payload == .unreadable(failure, .tcp, octets: Array(octets[34..<length])))
  }

  @Test("a payload that is cut off leaves its checksum unverified, and says what is missing")
  func truncatedPayload() throws {
    let octets = try Samples.frame(Samples.ipv6(.udp(Samples.udp))).octets()
    for length in 62..<octets.count {
      let frame = try EthernetFrame(octets: octets[..<length])
      guard case .ipv6(let packet) = frame.content, case .udp(let datagram) = packet.payload else {
        Issue.record("\(frame)")
        continue
      }
      let missing = octets.count - length
      #expect(packet.missing == missing && datagram.missing == missing)
      #expect(datagram.payload == Array(octets[62..<length]))
      let field = UInt16(octets[60]) << 8 | UInt16(octets[61])
      #expect(datagram.checksum == .unverified(field))
    }
  }

  @Test("fields that no standard allows are named")
  func unexpectedFields() throws {
    func content(_ octets: [UInt8], _ position: Int, _ value: UInt8) throws -> EthernetContent {
      var octets = octets
      octets[position] = value
      return try EthernetFrame(octets: octets).content
    }
    func failure(_ content: EthernetContent) -> ParseFailure? {
      switch content {
      case .unreadable(let failure, _, _): return failure
      case .ipv4(let packet):
        if case .unreadable(let failure, _, _) = packet.payload { return failure }
      case .ipv6(let packet):
        if case .unreadable(let failure, _, _) = packet.payload { return failure }
        if case .icmpv6(let message) = packet.payload, case .unreadable(let failure, _) = message.content {
          return failure
        }
      default: break
      }
      return nil
    }
    let ipv4 = try Samples.frame(Samples.ipv4(.tcp(Samples.data))).octets()
    let ipv6 = try Samples.frame(Samples.ipv6(.udp(Samples.udp))).octets()
    let arp = try Samples.arp.octets()
    let discovery = try Samples.neighborDiscovery[2].octets()
    #expect(failure(try content(ipv4, 14, 0x65)) == .unexpected(.ipv4, field: "version", value: 6))
    #expect(failure(try content(ipv4, 14, 0x44)) == .unexpected(.ipv4, field: "header length", value: 16))
    #expect(failure(try content(ipv4, 16, 0xff)) == nil)
    #expect(failure(try content(ipv4, 46, 0x40)) == .unexpected(.tcp, field: "data offset", value: 4))
    #expect(failure(try content(ipv6, 14, 0x45)) == .unexpected(.ipv6, field: "version", value: 4))
    #expect(failure(try content(ipv6, 59, 7)) == .unexpected(.udp, field: "length", value: 7))
    #expect(failure(try content(arp, 18, 7)) == .unexpected(.arp, field: "hardware address length", value: 7))
    for number in [1501, 1535] as [UInt16] {
      let octets = try Samples.frame(.other(EtherType(rawValue: number), Samples.octets(46))).octets()
      #expect(
        failure(try EthernetFrame(octets: octets).content)
          == .unexpected(.ethernet, field: "length or type", value: Int(number)))
    }
    #expect(
      failure(try content(discovery, 14 + 40 + 24 + 1, 0))
        == .unexpected(.neighborDiscovery, field: "option length", value: 0))
    #expect(
      failure(try content(discovery, 14 + 40 + 24 + 1, 2))
        == .truncated(.neighborDiscovery, needed: 36, available: 28))
  }
}
