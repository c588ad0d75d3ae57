import NetworkAddresses
import Testing

@testable import Netlink

/// The expected octets are those that iproute2 6.1 sent, as `strace -xx -e sendmsg` shows them.
@Suite("Building messages")
struct MessageBuilderTests {
  @Test("a message with nested attributes has the octets of iproute2's")
  func nested() {
    // ip link add link p0 name mv0 address 02:00:00:00:16:10 type macvlan mode bridge
    let expected = octets(
      hex: """
        58000000 1000 0506 86a2046b 00000000         // length 88, RTM_NEWLINK, REQUEST|ACK|EXCL|CREATE
        00 00 0000 00000000 00000000 00000000        // struct ifinfomsg
        0a00 0100 020000001610 0000                  // IFLA_ADDRESS, padded
        0800 0500 03000000                           // IFLA_LINK
        0800 0300 6d763000                           // IFLA_IFNAME "mv0"
        1c00 1200                                    // IFLA_LINKINFO
          0b00 0100 6d6163766c616e 00                // IFLA_INFO_KIND "macvlan", without a zero but padded
          0c00 0200                                  // IFLA_INFO_DATA
            0800 0100 04000000                       // IFLA_MACVLAN_MODE bridge
        """)
    var message = MessageBuilder(type: 16, flags: 0x605)
    message.appendLinkHeader(0)
    message.attribute(1, [0x02, 0, 0, 0, 0x16, 0x10])
    message.attribute(5, UInt32(3))
    message.attribute(3, "mv0")
    message.nested(18) { information in
      information.attribute(1, Array("macvlan".utf8))
      information.nested(2) { $0.attribute(1, UInt32(4)) }
    }
    #expect(message.finished(sequence: 0x6b04_a286) == expected)
  }

  @Test("clsact is asked for as tc does")
  func clsact() {
    // tc qdisc add dev p0 clsact
    let expected = octets(
      hex: """
        30000000 2400 0506 87a2046b 00000000         // length 48, RTM_NEWQDISC, REQUEST|ACK|EXCL|CREATE
        00 000000 03000000 0000ffff f1ffffff 00000000  // ifindex 3, handle ffff:0, parent TC_H_CLSACT
        0b00 0100 636c7361637400 00                  // TCA_KIND "clsact"
        """)
    #expect(FilterChange.addClsact(ifindex: 3).message.finished(sequence: 0x6b04_a287) == expected)
  }

  @Test("a filter is asked for at the place where tc puts it")
  func filter() {
    let filter = BPFFilter(ifindex: 3, direction: .egress, priority: 0x1234, handle: 7, name: "x")
    // By include/uapi/linux/pkt_sched.h and pkt_cls.h.
    let expected = octets(
      hex: """
        48000000 2c00 0506 01000000 00000000         // length 72, RTM_NEWTFILTER
        00 000000 03000000 07000000 f3ffffff 0003 3412  // TC_H_MIN_EGRESS; ETH_P_ALL in network order, priority
        0800 0100 62706600                           // TCA_KIND "bpf"
        1c00 0200                                    // TCA_OPTIONS
          0800 0600 09000000                         // TCA_BPF_FD
          0600 0700 7800 0000                        // TCA_BPF_NAME "x"
          0800 0800 01000000                         // TCA_BPF_FLAGS TCA_BPF_FLAG_ACT_DIRECT
        """)
    let message = FilterChange.addFilter(filter, programDescriptor: 9).message
    #expect(message.finished(sequence: 1) == expected)
    let ingress = BPFFilter(ifindex: 3, direction: .ingress, priority: 1, handle: 1, name: "")
    let deletion = FilterChange.deleteFilter(ingress).message.finished(sequence: 1)
    #expect(Array(deletion[28..<32]) == octets(hex: "f2ffffff"), "TC_H_MIN_INGRESS")
  }

  @Test("a route is asked for as ip does, but as a static one")
  func route() throws {
    // ip route add 198.51.100.0/24 via 172.22.16.1 dev p0 metric 77
    let theirs = octets(
      hex: """
        3c000000 1800 0506 86a2046b 00000000         // length 60, RTM_NEWROUTE
        02 18 00 00 fe 03 00 01 00000000             // AF_INET/24, main, RTPROT_BOOT, universe, unicast
        0800 0100 c6336400                           // RTA_DST
        0800 0500 ac161001                           // RTA_GATEWAY
        0800 0600 4d000000                           // RTA_PRIORITY
        0800 0400 03000000                           // RTA_OIF
        """)
    let route = RouteSpecification(
      to: try #require(IPPrefix("198.51.100.0/24")), gateway: IPAddress("172.22.16.1"), ifindex: 3, metric: 77
    )
    let ours = route.message(24, 0x600).finished(sequence: 0x6b04_a286)
    var header = Array(theirs[16..<28])
    header[5] = 4  // RTPROT_STATIC
    #expect(Array(ours[16..<28]) == header)
    let expected = Attributes(Octets(theirs[28...])).list
    let given = Attributes(Octets(ours[28...]))
    for (type, value) in expected { #expect(given[type].map { Array($0.slice) } == Array(value.slice)) }
    // RTA_TABLE, which alone can say a number above 255.
    #expect(Set(given.list.map(\.type)) == Set(expected.map(\.type) + [15]))
    #expect(given.integer(15, as: UInt32.self) == 254)
  }

  @Test("what does not fit into the 16 bits of a length is marked, not cut")
  func oversized() {
    var message = MessageBuilder(type: 16, flags: 1)
    message.attribute(1, [UInt8](repeating: 7, count: 65531))
    #expect(!message.isOversized)
    message.attribute(1, [UInt8](repeating: 7, count: 65532))
    #expect(message.isOversized)
  }

  @Test("what is built is read again", arguments: 0..<9)
  func roundTrip(_ length: Int) throws {
    let payload = (0..<UInt8(length)).map { $0 }
    var message = MessageBuilder(type: 0x1234, flags: 0x301)
    message.appendZeros(4)
    message.attribute(9, payload)
    message.nested(0x8007) { $0.attribute(1, "text") }
    let bytes = message.finished(sequence: 77)
    #expect(bytes.count % 4 == 0)
    let read = try #require(Message.parse(bytes + bytes).last)
    #expect(Message.parse(bytes + bytes).count == 2)
    #expect(read.type == 0x1234 && read.flags == 0x301 && read.sequence == 77)
    let attributes = try #require(read.attributes(behind: 4))
    #expect(attributes[9].map { Array($0.slice) } == payload)
    #expect(attributes.nested(7)?[1]?.text == "text")
  }
}
