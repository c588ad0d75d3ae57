import NetworkAddresses
import SystemPackage
import TestSupport
import Testing

@testable import Netlink

@Suite("Reading messages of a kernel")
struct MessageReaderTests {
  @Test("recorded answers are read as iproute2 read them")
  func recordings() throws {
    let links = try RecordedMessages.messages("links").filter { $0.type == 16 }.compactMap(Link.init)
    let names = Agreement.names(links)
    try Agreement.expect(links, RecordedMessages.json("links"))
    try Agreement.expect(
      RecordedMessages.messages("addresses").compactMap(Address.init), RecordedMessages.json("addresses"))
    try Agreement.expect(
      RecordedMessages.messages("routes").compactMap(Route.init), RecordedMessages.json("routes"),
      names: names)
    try Agreement.expect(
      RecordedMessages.messages("neighbors").compactMap(Neighbor.init), RecordedMessages.json("neighbors"),
      names: names)
    try Agreement.expect(
      RecordedMessages.messages("forwarding").compactMap(ForwardingEntry.init),
      RecordedMessages.json("forwarding"), names: names)
  }

  @Test("an answer cut off anywhere gives the messages before the cut", arguments: RecordedMessages.names)
  func truncations(_ name: String) throws {
    for datagram in try RecordedMessages.datagrams(name) {
      // Where each message ends, by the lengths that the kernel wrote.
      var ends: [Int] = []
      while let end = ends.last ?? 0 as Int?, end + 16 <= datagram.count {
        let length = Int(datagram[end]) | Int(datagram[end + 1]) << 8 | Int(datagram[end + 2]) << 16
        ends.append(end + length)
      }
      let wrong = datagram.indices.filter { length in
        Message.parse(Array(datagram[..<length])).count != ends.count { $0 <= length }
      }
      #expect(wrong.isEmpty)
    }
  }

  @Test(
    "a message whose payload is cut off anywhere is read as far as it goes", arguments: RecordedMessages.names
  )
  func truncatedPayloads(_ name: String) throws {
    for message in try RecordedMessages.messages(name) {
      let whole = Attributes(message.payload.dropping(16)).list.count
      for length in 0..<message.payload.count {
        let cut = Message(
          type: message.type, flags: message.flags, sequence: message.sequence,
          payload: Octets(message.payload.slice.prefix(length)))
        _ = readAsEverything(cut)
        let isRead =
          Attributes(cut.payload.dropping(16)).list.count > whole || length < 16 && Link(cut) != nil
          || length < 12 && (Route(cut) != nil || Neighbor(cut) != nil || ForwardingEntry(cut) != nil)
          || length < 8 && Address(cut) != nil
        if isRead { Issue.record("\(length) octets gave what is not in them") }
      }
    }
  }

  @Test("no octet changed by chance makes a read leave the message", arguments: RecordedMessages.names)
  func changedOctets(_ name: String) throws {
    var random = SplitMix(seed: 0x6d61_6376_7472_6163)
    for datagram in try RecordedMessages.datagrams(name) {
      for _ in 0..<200 {
        var hostile = datagram
        for _ in 0...Int.random(in: 0...4, using: &random) {
          let value = [0, 1, 3, 4, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)]
          hostile[Int.random(in: hostile.indices, using: &random)] = value.randomElement(using: &random) ?? 0
        }
        let messages = Message.parse(hostile)
        var isInside = messages.reduce(0) { $0 + 16 + $1.payload.count } <= hostile.count
        for message in messages {
          _ = readAsEverything(message)
          let size = Attributes(message.payload.dropping(16)).list.reduce(0) { $0 + 4 + $1.value.count }
          isInside = isInside && size <= max(0, message.payload.count - 16)
        }
        if !isInside { Issue.record("read beyond the end of \(hostile)") }
      }
    }
  }

  @Test("lengths that lie end the reading")
  func lies() {
    // nlmsg_len 15 and 0 are shorter than the header itself, 17 longer than what is there.
    for length in ["0f000000", "00000000", "11000000", "ffffffff"] {
      #expect(Message.parse(octets(hex: length + "10000000 01000000 00000000")).isEmpty)
    }
    // nla_len 4, type 1, empty; then nla_len 3, shorter than itself; then one that would be good.
    let attributes = Attributes(Octets(octets(hex: "0400 0100  0300 0200  0400 0300")[...]))
    #expect(attributes.list.map(\.type) == [1])
    // NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type.
    #expect(Attributes(Octets(octets(hex: "0400 01c0")[...])).list.map(\.type) == [1])
    // A value that is too short for its number is absent, not read beyond its end.
    let short = Attributes(Octets(octets(hex: "0600 0400 ff7f 0000")[...]))
    #expect(short.integer(4, as: UInt32.self) == nil)
    #expect(short.integer(4, as: UInt16.self) == 0x7fff)
  }

  @Test("a VLAN sub-interface is read, with its id, protocol and flags")
  func vlan() throws {
    // By include/uapi/linux/rtnetlink.h and if_link.h, as `ip link add link ens33 name ens33.20 type vlan
    // proto 802.1ad id 20` answers on a kernel that has 8021q.
    let text = """
      68000000 1000 0000 01000000 00000000          // length 104, RTM_NEWLINK
      00 00 0100 09000000 03100000 00000000         // ARPHRD_ETHER, ifindex 9, UP|BROADCAST|MULTICAST
      0d00 0300 656e7333332e323000 000000           // IFLA_IFNAME "ens33.20"
      0800 0500 03000000                            // IFLA_LINK 3
      3000 1200                                     // IFLA_LINKINFO
        0900 0100 766c616e00 000000                 // IFLA_INFO_KIND "vlan"
        2000 0200                                   // IFLA_INFO_DATA
          0600 0500 88a8 0000                       // IFLA_VLAN_PROTOCOL, network byte order
          0600 0100 1400 0000                       // IFLA_VLAN_ID 20
          0c00 0200 01000000 ffffffff                // IFLA_VLAN_FLAGS REORDER_HDR
      """
    let link = try #require(Message.parse(octets(hex: text)).first.flatMap(Link.init))
    #expect(link.name == "ens33.20")
    #expect(link.kind == "vlan")
    #expect(link.link == 3)
    #expect(link.vlanID == VLANID(20))
    #expect(link.vlanProtocol == 0x88a8)
    #expect(link.vlanFlags == 1)
  }

  @Test("an ipvlan is read with its mode")
  func ipvlan() throws {
    let text = """
      40000000 1000 0000 01000000 00000000          // length 64, RTM_NEWLINK
      00 00 0100 05000000 02100000 00000000
      2000 1200                                     // IFLA_LINKINFO
        0b00 0100 6970766c616e00 00                 // IFLA_INFO_KIND "ipvlan"
        1000 0200                                   // IFLA_INFO_DATA
          0600 0100 0200 0000                       // IFLA_IPVLAN_MODE IPVLAN_MODE_L3S
          0400 0300                                 // an attribute that is not known yet
      """
    let link = try #require(Message.parse(octets(hex: text)).first.flatMap(Link.init))
    #expect(link.kind == "ipvlan")
    #expect(link.ipvlanMode == 2)
    #expect(link.macvlanMode == nil)
  }

  @Test("an acknowledgment gives the error number and the kernel's words")
  func acknowledgments() throws {
    let refused = """
      44000000 0200 0003 07000000 d2040000          // length 68, NLMSG_ERROR, CAPPED|ACK_TLVS
      eaffffff                                      // -EINVAL
      20000000 1000 0506 07000000 00000000          // the request's header
      1d00 0100 4e6f2073756368206d6f646520666f72206d6163766c616e 0000 0000  // "No such mode for macvlan"
      """
    let message = try #require(Message.parse(octets(hex: refused)).first)
    let error = try #require(NetlinkError(acknowledgment: message, "set the mode"))
    #expect(error.errno == .invalidArgument)
    #expect(error.explanation == "No such mode for macvlan")
    #expect("\(error)".hasPrefix("set the mode: "))
    #expect("\(error)".hasSuffix("(errno 22): No such mode for macvlan"))

    let done = "24000000 0200 0001 08000000 00000000 00000000 14000000 1000 0506 08000000 00000000"
    let success = try #require(Message.parse(octets(hex: done)).first)
    #expect(NetlinkError(acknowledgment: success, "set the mode") == nil)

    for length in 0..<message.payload.count {
      let cut = Message(
        type: 2, flags: message.flags, sequence: 7, payload: Octets(message.payload.slice.prefix(length)))
      #expect(NetlinkError(acknowledgment: cut, "x")?.errno == (length < 4 ? .ioError : .invalidArgument))
    }
    // The lowest number has no positive counterpart.
    let lowest = Message(type: 2, flags: 0, sequence: 7, payload: Octets([0, 0, 0, 0x80]))
    #expect(NetlinkError(acknowledgment: lowest, "x")?.errno == .ioError)
  }

  @Test("a dump that fails at its end is an error, not a short list")
  func failedDump() throws {
    let text = "14000000 0300 0200 01000000 d2040000 97ffffff"
    let message = try #require(Message.parse(octets(hex: text)).first)
    #expect(NetlinkError(endOfDump: message, "list")?.errno.rawValue == 105)
    let good = try #require(Message.parse(octets(hex: "14000000 0300 0200 01000000 d2040000 00000000")).first)
    #expect(NetlinkError(endOfDump: good, "list") == nil)
  }
}
