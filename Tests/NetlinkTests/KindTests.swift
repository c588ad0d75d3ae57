import Netlink
import NetworkAddresses
import SystemPackage
import TestSupport
import Testing

@Suite("Kinds of links, beside what iproute2 reads", .enabled(if: isRoot, "needs root"))
struct KindTests {
  private func expectAgreement(_ test: TestNamespace) throws {
    let pair = try test.whileStill(["ip", "link"]) {
      try (test.socket.links(), test.json("ip", "-d", "link"))
    }
    try Agreement.expect(pair.0, pair.1)
  }

  @Test(
    "a macvlan's flags, broadcast queue and cutoff are those that it was made with",
    .needs(.broadcastQueueLength))
  func macvlanOptions() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    var options = MacvlanOptions()
    options.flags = 2
    options.broadcastQueueLength = 2000
    options.broadcastCutoff = 5
    try test.socket.createMacvlan(LinkSpecification("mv0"), parent: parent, mode: .source, options: options)
    try test.socket.createMacvlan(LinkSpecification("mv1"), parent: parent, mode: .bridge, kind: "macvtap")
    let (first, second) = (try test.socket.link(named: "mv0"), try test.socket.link(named: "mv1"))
    #expect(first.macvlanFlags == 2 && first.broadcastQueueLength == 2000)
    #expect(second.macvlanFlags == 0 && second.usedBroadcastQueueLength == 2000, "the largest wish counts")
    // The cutoff is the parent's; kernels before Linux 6.4 ignore the attribute.
    #expect(first.broadcastCutoff == second.broadcastCutoff)
    #expect(first.broadcastCutoff == 5 || first.broadcastCutoff == nil)
    try expectAgreement(test)
  }

  @Test(
    "VLANs of both protocols, one on the other, with their flags",
    .needs(.vlan))
  func vlans() throws {
    let test = try TestNamespace()
    let parent = try test.veth().0.ifindex
    let (ten, hundred) = (try #require(VLANID(10)), try #require(VLANID(100)))
    try test.socket.createVLAN(LinkSpecification("office"), parent: parent, id: ten, flags: 0x5)
    try test.socket.createVLAN(
      LinkSpecification("service"), parent: parent, id: hundred, protocol: 0x88a8, flags: 0)
    let service = try test.socket.link(named: "service").ifindex
    try test.socket.createVLAN(LinkSpecification("inner"), parent: service, id: ten)
    #expect(try test.socket.link(named: "office").vlanFlags == 0x5)
    #expect(try test.socket.link(named: "service").vlanFlags == 0)
    let inner = try test.socket.link(named: "inner")
    #expect(inner.link == service && inner.vlanID == ten && inner.vlanProtocol == 0x8100)
    try expectAgreement(test)
    let taken = #expect(throws: NetlinkError.self) {
      try test.socket.createVLAN(LinkSpecification("again"), parent: parent, id: ten)
    }
    #expect(taken?.errno == .fileExists)
  }

  @Test(
    "an ipvlan of each mode and flag shares its parent's MAC address",
    .needs(.ipvlan), arguments: IpvlanMode.allCases)
  func ipvlan(_ mode: IpvlanMode) throws {
    for flags in UInt16(0)...2 {
      let test = try TestNamespace()
      let parent = try test.veth().0
      try test.socket.createIpvlan(LinkSpecification("iv0"), parent: parent.ifindex, mode: mode, flags: flags)
      let link = try test.socket.link(named: "iv0")
      #expect(link.kind == "ipvlan" && link.mac == parent.mac && link.link == parent.ifindex)
      #expect(link.ipvlanMode == mode.rawValue && link.ipvlanFlags == flags)
      try expectAgreement(test)
      let busy = #expect(throws: NetlinkError.self) {
        try test.socket.createMacvlan(LinkSpecification("mv0"), parent: parent.ifindex, mode: .bridge)
      }
      #expect(busy?.errno == .resourceBusy)
    }
  }

  @Test(
    "a bond is made with its mode, and its port is read",
    .needs(.bond))
  func bond() throws {
    let test = try TestNamespace()
    let (first, _) = try test.veth()
    try test.socket.createBond(LinkSpecification("bond0"), mode: 1)
    let bond = try test.socket.link(named: "bond0").ifindex
    try test.socket.setUp(first.ifindex, false)
    try test.socket.setMaster(first.ifindex, bond)
    let port = try test.socket.link(first.ifindex)
    #expect(port.master == bond && port.masterKind == "bond")
    let their = try #require(test.json("ip", "-d", "link", "show", "bond0").first)
    let data = (their["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any]
    #expect(data?["mode"] as? String == "active-backup")
    try expectAgreement(test)
  }

  @Test(
    "a trunk's VLANs are those that `bridge vlan` shows",
    .needs(.bridgeVLANs))
  func bridgeVLANs() throws {
    let test = try TestNamespace()
    let (first, second) = try test.veth()
    try test.socket.createBridge(LinkSpecification("br0"), filtersVLANs: true)
    let bridge = try test.socket.link(named: "br0")
    #expect(bridge.bridgeFiltersVLANs == true)
    for port in [first, second] { try test.socket.setMaster(port.ifindex, bridge.ifindex) }
    let ids = try [1, 10, 20].map { try #require(VLANID($0)) }
    let expectAgreement = {
      let pair = try (test.socket.bridgeVLANs(), test.json("bridge", "vlan"))
      try Agreement.expect(pair.0, pair.1, names: Agreement.names(try test.socket.links()))
      return pair.0
    }
    #expect(try expectAgreement()[first.ifindex] == [BridgeVLAN(ids[0], isPVID: true, isUntagged: true)])
    try test.socket.deletePortVLAN(first.ifindex, ids[0])
    try test.socket.addPortVLAN(first.ifindex, BridgeVLAN(ids[1]))
    try test.socket.addPortVLAN(first.ifindex, BridgeVLAN(ids[2], isUntagged: true))
    #expect(
      try expectAgreement()[first.ifindex] == [BridgeVLAN(ids[1]), BridgeVLAN(ids[2], isUntagged: true)])
    // Another PVID takes the place of the first.
    try test.socket.addPortVLAN(second.ifindex, BridgeVLAN(ids[1], isPVID: true, isUntagged: true))
    #expect(try expectAgreement()[second.ifindex]?.filter(\.isPVID).map(\.id) == [ids[1]])
  }
}
