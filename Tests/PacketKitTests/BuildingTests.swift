import NetworkAddresses
import PacketKit
import Testing

@Suite("Building frames") struct BuildingTests {
  @Test("tshark reads what was built, checksums included", .enabled(if: Tshark.isThere))
  func fields() throws {
    let frames = try Samples.all()
    try Agreement.expect(frames, Tshark.file(frames.map { try $0.octets() }))
  }

  @Test("a checksum that is given is written, and tshark finds it wrong", .enabled(if: Tshark.isThere))
  func wrongChecksums() throws {
    var segment = Samples.data
    segment.checksum = .incorrect(0x1234)
    var datagram = Samples.udp
    datagram.checksum = .incorrect(0x1234)
    var packet = IPv4Packet(from: Samples.hostAddress, to: Samples.childAddress, .udp(datagram))
    packet.headerChecksum = .incorrect(0x1234)
    let echo = ICMPv4Message(type: 8, checksum: .incorrect(1), .echo(Samples.echo))
    let echo6 = ICMPv6Message(type: 128, checksum: .incorrect(1), .echo(Samples.echo))
    let frames = [
      .ipv4(packet), Samples.ipv4(.tcp(segment)), Samples.ipv6(.tcp(segment)), Samples.ipv6(.udp(datagram)),
      Samples.ipv4(.icmpv4(echo)), Samples.ipv6(.icmpv6(echo6)),
    ].map { Samples.frame($0) }
    try Agreement.expect(frames, Tshark.file(frames.map { try $0.octets() }))
  }

  @Test("a UDP checksum of zero is sent as 0xffff", .enabled(if: Tshark.isThere))
  func zeroChecksum() throws {
    // The two octets of the payload make the sum what it must not be sent as, whatever the rest adds up to.
    let frames = (0...0xffff).lazy.map { (word: Int) in
      Samples.frame(
        Samples.ipv4(.udp(UDPDatagram(from: 1, to: 2, [UInt8(word >> 8), UInt8(word & 0xff)]))))
    }
    let field = 14 + 20 + 6
    let octets = try #require(
      try frames.lazy.map { try $0.octets() }.first { Array($0[field..<field + 2]) == [0xff, 0xff] })
    let status = try Tshark.fields(["udp.checksum.status", "udp.checksum"], of: Tshark.file([octets]))
    #expect(status == [["udp.checksum.status": "1", "udp.checksum": "0xffff"]])
    #expect(try !frames.contains { Array(try $0.octets()[field..<field + 2]) == [0, 0] })
  }

  @Test("a frame is padded to the length that Ethernet wants")
  func padding() throws {
    let octets = try Samples.arp.octets(paddedTo: EthernetFrame.minimumLength)
    #expect(octets.count == 60 && octets[42...].allSatisfy { $0 == 0 })
    #expect(try Samples.arp.octets(paddedTo: 20) == Samples.arp.octets())
    let read = try EthernetFrame(octets: octets)
    #expect(read.content == Samples.arp.content && read.trailer == Array(repeating: 0, count: 18))
  }

  @Test("what no length field can say is refused")
  func tooLong() throws {
    let payload = [UInt8](repeating: 0, count: 0xffff - 20 - 8 + 1)
    #expect(throws: BuildError.tooLong(.ipv4, field: "total length", count: 0x10000, limit: 0xffff)) {
      try Samples.frame(Samples.ipv4(.udp(UDPDatagram(from: 1, to: 2, payload)))).octets()
    }
    #expect(throws: BuildError.tooLong(.udp, field: "length", count: 0x10000, limit: 0xffff)) {
      try Samples.frame(
        Samples.ipv6(.udp(UDPDatagram(from: 1, to: 2, payload + Array(repeating: 0, count: 20))))
      )
      .octets()
    }
    #expect(throws: BuildError.tooLong(.llc, field: "length", count: 1501, limit: 1500)) {
      try Samples.frame(
        .llc(LLCFrame(destinationSAP: 0, sourceSAP: 0, payload: Array(repeating: 0, count: 1498)))
      ).octets()
    }
    var segment = Samples.syn
    segment.options += segment.options + [.sackPermitted]
    #expect(throws: BuildError.tooLong(.tcp, field: "list of options", count: 44, limit: 40)) {
      try Samples.frame(Samples.ipv4(.tcp(segment))).octets()
    }
  }

  @Test("an address of the other family is refused")
  func wrongFamily() {
    #expect(throws: BuildError.wrongAddressFamily(.ipv4)) {
      try IPv4Packet(from: Samples.host6, to: Samples.childAddress, .udp(Samples.udp)).octets()
    }
    #expect(throws: BuildError.wrongAddressFamily(.ipv6)) {
      try IPv6Packet(from: Samples.host6, to: Samples.childAddress, .udp(Samples.udp)).octets()
    }
    #expect(throws: BuildError.wrongAddressFamily(.arp)) {
      try Samples.frame(
        .arp(
          ARPPacket(
            .reply, senderMAC: .zero, senderAddress: Samples.hostAddress, targetAddress: Samples.host6))
      ).octets()
    }
  }
}
