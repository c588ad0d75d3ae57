import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
import TestSupport
import Testing

@Suite("Links, beside what iproute2 reads", .enabled(if: isRoot, "needs root"))
struct LinkTests {
  private func expectAgreement(_ test: TestNamespace) throws {
    let pair = try test.whileStill(["ip", "link"]) {
      try (test.socket.links(), test.json("ip", "-d", "link"))
    }
    try Agreement.expect(pair.0, pair.1)
  }

  @Test("a macvlan of each mode is made and read", arguments: MacvlanMode.allCases)
  func macvlanModes(_ mode: MacvlanMode) throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    let mac = try #require(MACAddress("02:00:00:00:16:10"))
    let child = LinkSpecification("mv0", mac: mac, mtu: 1400)
    try test.socket.createMacvlan(child, parent: parent, mode: mode)
    let link = try test.socket.link(named: "mv0")
    #expect(link.macvlanMode == mode.rawValue)
    // A passthru child takes its parent's address, whatever was asked for.
    #expect(link.mac == (mode == .passthru ? try test.socket.link(parent).mac : mac))
    #expect(link.mtu == 1400)
    #expect(link.link == parent)
    try expectAgreement(test)
    try test.socket.setUp(link.ifindex, true)
    try expectAgreement(test)
    try test.socket.delete(link.ifindex)
    try expectAgreement(test)
  }

  @Test("a macvtap is made and read as the macvlan that it is")
  func macvtap() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    try test.socket.createMacvlan(LinkSpecification("tap0"), parent: parent, mode: .vepa, kind: "macvtap")
    let link = try test.socket.link(named: "tap0")
    #expect(link.kind == "macvtap")
    #expect(link.macvlanMode == MacvlanMode.vepa.rawValue)
    try expectAgreement(test)
  }

  @Test(
    "a VLAN sub-interface is made and read", .needs(.vlan))
  func vlan() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    let id = try #require(VLANID(20))
    try test.socket.createVLAN(LinkSpecification("p0.20"), parent: parent, id: id, protocol: 0x88a8)
    let link = try test.socket.link(named: "p0.20")
    #expect(link.vlanID == id)
    #expect(link.vlanProtocol == 0x88a8)
    let their = try #require(test.json("ip", "-d", "link", "show", "p0.20").first)
    let data = (their["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any]
    #expect(data?["id"] as? Int == 20)
    #expect(data?["protocol"] as? String == "802.1ad")
    try expectAgreement(test)
  }

  @Test("the mode of a macvlan changes, but not to passthru")
  func modeChange() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    try test.socket.createMacvlan(LinkSpecification("mv0"), parent: parent, mode: .vepa)
    let child = try test.socket.link(named: "mv0").ifindex
    try test.socket.setMacvlanMode(child, .bridge)
    #expect(try test.socket.link(child).macvlanMode == MacvlanMode.bridge.rawValue)
    let error = #expect(throws: NetlinkError.self) { try test.socket.setMacvlanMode(child, .passthru) }
    #expect(error?.errno == .invalidArgument)
    try expectAgreement(test)
  }

  @Test("the senders of a macvlan in source mode are read as they were allowed")
  func sources() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    try test.socket.createMacvlan(LinkSpecification("mv0"), parent: parent, mode: .source)
    let child = try test.socket.link(named: "mv0").ifindex
    let senders = try ["02:aa:00:00:00:01", "02:aa:00:00:00:02", "02:aa:00:00:00:03"].map {
      try #require(MACAddress($0))
    }
    for sender in senders { try test.socket.addMacvlanSource(child, sender) }
    try test.socket.deleteMacvlanSource(child, senders[1])
    #expect(Set(try test.socket.link(child).macvlanSources) == [senders[0], senders[2]])
    let link = try #require(test.json("ip", "-d", "link", "show", "mv0").first)
    let data = (link["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any]
    let theirs = data?["macaddr_data"] as? [String]
    #expect(theirs.map { Set($0) } == [senders[0].description, senders[2].description])
  }

  @Test("a child in another namespace points to its parent by a namespace id")
  func otherNamespace() throws {
    let host = try TestNamespace()
    let container = try TestNamespace()
    let parent = try host.veth().0.ifindex
    let child = LinkSpecification("eth0", namespace: container.namespace)
    try host.socket.createMacvlan(child, parent: parent, mode: .bridge)
    let link = try container.socket.link(named: "eth0")
    #expect(link.link == parent)
    let id = try container.socket.namespaceID(of: host.namespace)
    #expect(id != nil)
    #expect(link.linkNamespaceID == id)
    #expect(!(try host.socket.links().contains { $0.name == "eth0" }))
    let stranger = try TestNamespace()
    #expect(try container.socket.namespaceID(of: stranger.namespace) == nil)
    try expectAgreement(host)
    try expectAgreement(container)
  }

  @Test("a link that is moved and renamed is found where it went, and its end too")
  func move() throws {
    let host = try TestNamespace()
    let container = try TestNamespace()
    let (first, second) = try host.veth()
    try host.socket.move(second.ifindex, to: container.namespace)
    let moved = try container.socket.link(named: "p1")
    #expect(!moved.isUp)
    try container.socket.rename(moved.ifindex, to: "eth0")
    try container.socket.setUp(moved.ifindex, true)
    #expect(try container.socket.link(named: "eth0").link == first.ifindex)
    try expectAgreement(host)
    try expectAgreement(container)
    try host.socket.delete(first.ifindex)
    #expect(try container.socket.links().map(\.name) == ["lo"])
  }

  @Test("the ports of a bridge are read, with hairpin where it was set")
  func bridge() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.createBridge(LinkSpecification("br0"))
    let bridge = try test.socket.link(named: "br0").ifindex
    try test.socket.setMaster(first.ifindex, bridge)
    #expect(try test.socket.link(first.ifindex).bridgePort?.isHairpin == false)
    try test.socket.setHairpin(first.ifindex, true)
    #expect(try test.socket.link(first.ifindex).bridgePort?.isHairpin == true)
    #expect(try test.socket.link(second.ifindex).bridgePort == nil)
    try test.socket.setUp(bridge, true)
    try expectAgreement(test)
    try test.socket.setHairpin(first.ifindex, false)
    try expectAgreement(test)
    try test.socket.setMaster(first.ifindex, 0)
    #expect(try test.socket.link(first.ifindex).master == nil)
    try expectAgreement(test)
  }

  @Test("flags, address, MTU and carrier follow what was set")
  func changes() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    #expect(try test.socket.link(first.ifindex).carrier)
    try test.socket.setPromiscuous(first.ifindex, true)
    #expect(try test.socket.link(first.ifindex).isPromiscuous)
    try expectAgreement(test)
    try test.socket.setPromiscuous(first.ifindex, false)
    let mac = try #require(MACAddress("02:00:5e:10:00:01"))
    try test.socket.setMAC(first.ifindex, mac)
    try test.socket.setMTU(first.ifindex, 9000)
    try test.socket.setUp(second.ifindex, false)
    // The kernel takes the flag back some time after the carrier is gone.
    for _ in 0..<Patience.times(200) where try test.socket.link(first.ifindex).isRunning { usleep(10_000) }
    let link = try test.socket.link(first.ifindex)
    #expect(link.mac == mac)
    #expect(link.mtu == 9000)
    #expect(link.isUp && !link.carrier && !link.isRunning)
    try expectAgreement(test)
  }

  @Test("the counters are those of `ip -s link`")
  func statistics() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.addAddress(first.ifindex, try #require(IPPrefix("192.0.2.1/24")))
    let peer = try #require(IPAddress("192.0.2.2"))
    try test.socket.setNeighbor(first.ifindex, peer, try #require(second.mac))
    // Nobody answers: the pings are only to be counted.
    _ = try? output(of: ["ip", "netns", "exec", test.name, "ping", "-c3", "-i0.01", "-W1", "192.0.2.2"])
    let (link, statistics) = try test.whileStill(["ip", "-s", "link"]) {
      let printed = try test.json("ip", "-s", "link", "show", "p1").first?["stats64"]
      return (try test.socket.link(second.ifindex), printed as? [String: [String: UInt64]])
    }
    let received = try #require(statistics?["rx"])
    let sent = try #require(statistics?["tx"])
    let ours = try #require(link.statistics)
    #expect(ours.receivedPackets >= 3)
    #expect(ours.receivedPackets == received["packets"])
    #expect(ours.receivedBytes == received["bytes"])
    #expect(ours.receiveErrors == received["errors"])
    #expect(ours.receiveDropped == received["dropped"])
    #expect(ours.receivedMulticast == received["multicast"])
    #expect(ours.sentPackets == sent["packets"])
    #expect(ours.sentBytes == sent["bytes"])
    #expect(ours.sendErrors == sent["errors"])
    #expect(ours.sendDropped == sent["dropped"])
  }

  @Test("what is not there, or not allowed, says which and why")
  func errors() throws {
    let test = try TestNamespace()
    let missing = #expect(throws: NetlinkError.self) { try test.socket.link(named: "nosuch0") }
    #expect(missing?.errno == Errno(rawValue: ENODEV))
    #expect(missing.map { "\($0)".contains("nosuch0") } == true)
    _ = try test.veth()
    let taken = #expect(throws: NetlinkError.self) {
      try test.socket.createBridge(LinkSpecification("p0"))
    }
    #expect(taken?.errno == .fileExists)
    let gone = #expect(throws: NetlinkError.self) { try test.socket.setUp(9999, true) }
    #expect(gone?.errno == Errno(rawValue: ENODEV))
    let long = #expect(throws: NetlinkError.self) {
      try test.socket.createBridge(LinkSpecification("a-name-of-17-octets"))
    }
    // The kernel says in words what is wrong with the attribute (NLMSGERR_ATTR_MSG).
    #expect(long?.explanation?.isEmpty == false)
    let oversized = #expect(throws: NetlinkError.self) {
      try test.socket.createBridge(LinkSpecification(String(repeating: "x", count: 70000)))
    }
    #expect(oversized?.errno == .messageTooLong)
    #expect(try test.socket.links().count == 3, "a request that was refused leaves nothing behind")
  }
}
