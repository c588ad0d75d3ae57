import Foundation
import NetworkAddresses
import Testing
import TraceModel

@Suite("The topology's values") struct TopologyTests {
  @Test(
    "neighbor states are the kernel's bits (include/uapi/linux/neighbour.h)",
    arguments: [
      (0x00, NeighborState.none, false), (0x01, .incomplete, false), (0x02, .reachable, true),
      (0x04, .stale, true),
      (0x08, .delay, true), (0x10, .probe, true), (0x20, .failed, false), (0x40, .noarp, true),
      (0x80, .permanent, true),
    ])
  func neighborStates(bit: Int, state: NeighborState, isResolved: Bool) {
    #expect(NeighborState(nud: UInt16(bit)) == state)
    #expect(state.isResolved == isResolved)
  }

  @Test("an unknown neighbor state is none of them", arguments: [0x03, 0x100, 0xffff])
  func unknownNeighborState(bits: Int) {
    #expect(NeighborState(nud: UInt16(bits)) == nil)
  }

  @Test(
    "an interface id is two numbers",
    arguments: ["", ":", "1", "1:", ":1", "1:2:3", "-1:2", "1:4294967296", "a:b"])
  func interfaceIDs(text: String) {
    #expect(InterfaceID("4026531840:7") == InterfaceID(namespace: 4_026_531_840, ifindex: 7))
    #expect(InterfaceID(text) == nil)
  }

  @Test("an interface is called by its container, else by its namespace, else by its name alone")
  func labels() {
    var interface = Interface(
      id: InterfaceID(namespace: 2, ifindex: 3), name: "eth0", namespace: "blue", kind: .macvlan)
    #expect(interface.label == "eth0 in blue")
    interface.container = Container(runtime: "docker", name: "bbox1")
    #expect(interface.label == "bbox1 (eth0)")
    interface.container = nil
    interface.namespace = "host"
    #expect(interface.label == "eth0")
  }

  @Test("owners and children are found by address, duplicates included")
  func lookups() throws {
    let mac = MACAddress(rawValue: 0x0200_0000_0101)
    let parent = Interface(
      id: InterfaceID(namespace: 1, ifindex: 7), name: "ens33", namespace: "host", kind: .parent, mac: mac)
    var children = (1...2).map {
      Interface(
        id: InterfaceID(namespace: 2, ifindex: $0), name: "eth0", namespace: "c", kind: .macvlan, mac: mac)
    }
    children[1].addresses = [try #require(IPPrefix("172.22.16.10/24"))]
    let topology = Topology(parent: parent.id, interfaces: [parent] + children, namespaces: [])
    #expect(
      topology.children(withMAC: mac).map(\.id) == children.map(\.id), "the parent is not its own child")
    #expect(topology.owner(of: try #require(IPAddress("172.22.16.10")))?.id == children[1].id)
    #expect(topology.owner(of: try #require(IPAddress("172.22.16.11"))) == nil)
    #expect(topology.parentInterface?.id == parent.id)
  }
  @Test("a child's settings and who owns a receive handler survive a file, and may be absent in an old one")
  func settings() throws {
    var interface = Interface(
      id: InterfaceID(namespace: 2, ifindex: 3), name: "eth0", namespace: "c", kind: .macvlan)
    interface.mode = .source
    interface.macvlanFlags = 2
    interface.broadcastQueueLength = 2000
    interface.broadcastQueueLengthUsed = 3000
    interface.broadcastCutoff = -1
    interface.receiveHandler = ReceiveHandler(kind: "bridge", name: "br0")
    interface.vlanProtocol = .ieee8021ad
    let bytes = try JSONEncoder().encode(interface)
    #expect(try JSONDecoder().decode(Interface.self, from: bytes) == interface)
    var values = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(values["child_flags"] as? [String] == ["nodst"])
    #expect(values["vlan_protocol"] as? String == "802.1ad")
    #expect(values["broadcast_cutoff"] as? Int == -1)
    let handler = values["receive_handler"] as? [String: String]
    #expect(handler == ["kind": "bridge", "name": "br0"])
    let new = [
      "child_flags", "vlan_protocol", "broadcast_queue_length", "broadcast_queue_length_used",
      "broadcast_cutoff",
      "receive_handler", "ipvlan_flags",
    ]
    for key in new { #expect(values.removeValue(forKey: key) != nil, "\(key)") }
    let old = try JSONDecoder().decode(Interface.self, from: JSONSerialization.data(withJSONObject: values))
    #expect(old.receiveHandler == nil && old.broadcastCutoff == nil && old.macvlanFlags == 2)
  }
}
