import NetworkAddresses
import Testing
import TraceModel
import TraceReport

@Suite("The topology as a tree") struct TopologyTextTests {
  static func rows(_ topology: Topology, width: Int = 120, unicode: Bool = true) -> [String] {
    lines(TopologyText.render(topology, style: TextStyle(colors: false, width: width, unicode: unicode)))
  }

  /// `ens33` with a VLAN that carries two children, and one child of its own.
  static func withVLAN() -> Topology {
    var topology = Sample.topology()
    var vlan = Interface(
      id: InterfaceID(namespace: Sample.host, ifindex: 9), name: "ens33.10", namespace: "host", kind: .vlan,
      mac: Sample.parentMAC)
    vlan.parent = Sample.parentID
    vlan.vlan = VLANID(10)
    topology.interfaces.append(vlan)
    for index in [1, 2] {
      topology.interfaces[index].parent = vlan.id
      topology.interfaces[index].vlan = VLANID(10)
    }
    topology.interfaces.append(
      Sample.child(
        InterfaceID(namespace: 5, ifindex: 2), MACAddress(rawValue: 0x0242_0000_0099), container: "web",
        address: "172.22.16.30/24", mode: .private))
    return topology
  }

  @Test("what sits on an interface hangs under it")
  func tree() throws {
    let names = Self.rows(Self.withVLAN()).dropFirst().map { $0.prefix { $0 != "(" } }.map { String($0) }
    #expect(names[0].hasPrefix("ens33 "))
    #expect(names[1].hasPrefix("│ "), "the parent's second address: \(names[1])")
    #expect(names[2].hasPrefix("├─ ens33.10 "))
    #expect(names[3] == "│  ├─ eth0 in bbox1 ")
    #expect(names[4] == "│  └─ eth0 in bbox2 ")
    #expect(names[5] == "└─ eth0 in web ")
    #expect(names.count == 6)
  }

  @Test("a row has the kind with its mode, the VLAN, the MAC, the state and the first address")
  func row() throws {
    let row = try #require(Self.rows(Self.withVLAN()).first { $0.contains("bbox1") })
    let words = row.split(separator: " ").map { String($0) }.drop { $0 != "(mac_net1)" }.dropFirst()
    #expect(Array(words) == ["macvlan", "bridge", "10", "02:42:ac:10:10:0a", "up", "172.22.16.10/24"])
  }

  @Test("down and without a carrier are told apart")
  func states() throws {
    var topology = Sample.topology()
    topology.interfaces[1].up = false
    topology.interfaces[2].carrier = false
    #expect(try #require(Self.rows(topology).first { $0.contains("bbox1") }).contains(" down "))
    #expect(try #require(Self.rows(topology).first { $0.contains("bbox2") }).contains(" no carrier "))
  }

  @Test("a child whose lower interface is unknown hangs under the parent")
  func unknownParent() {
    var topology = Sample.topology()
    topology.interfaces[2].parent = nil
    topology.interfaces[1].parent = InterfaceID(namespace: 9, ifindex: 9)
    let rows = Self.rows(topology)
    #expect(rows.contains { $0.hasPrefix("├─ eth0 in bbox1") })
    #expect(rows.contains { $0.hasPrefix("└─ eth0 in bbox2") })
  }

  @Test("interfaces that claim to sit on each other, or in a tower without end, are each shown once")
  func impossible() {
    var topology = Sample.topology()
    topology.interfaces[1].parent = Sample.secondID
    topology.interfaces[2].parent = Sample.firstID
    topology.interfaces[0].parent = Sample.parentID
    for name in ["bbox1", "bbox2"] { #expect(Self.rows(topology).count { $0.contains(name) } == 1) }
    let tower = (1...20_000).map { height in
      var interface = Interface(
        id: InterfaceID(namespace: 1, ifindex: UInt32(height)), name: "i\(height)", namespace: "n",
        kind: .vlan)
      interface.parent = InterfaceID(namespace: 1, ifindex: UInt32(height) - 1)
      return interface
    }
    let rows = Self.rows(Topology(parent: Sample.parentID, interfaces: tower, namespaces: []))
    #expect(rows.count == 1 + tower.count)
  }

  @Test(
    "a terminal that is too narrow for columns gets a block for each interface, with every value",
    arguments: [34, 50])
  func narrow(width: Int) {
    let text = TopologyText.render(Self.withVLAN(), style: TextStyle(colors: false, width: width))
    for value in [
      "172.22.16.2/24", "fe80::ff:fe00:2/64", "02:42:ac:10:10:14", "172.22.16.30/24", "macvlan private",
    ] {
      #expect(text.contains(value))
    }
    for line in lines(text) { #expect(line.unicodeScalars.count <= width) }
  }

  @Test("without UTF-8 the branches are ASCII")
  func ascii() {
    #expect(Self.rows(Self.withVLAN(), unicode: false).contains { $0.hasPrefix("|  `- eth0 in bbox2") })
  }

  @Test(
    "a kind has its flags and a VLAN its protocol; settings stand there where they are not the kernel's own")
  func settings() throws {
    var topology = Self.withVLAN()
    let plain = Self.rows(topology)
    #expect(!plain[0].contains("SETTINGS"))
    topology.interfaces[3].vlanProtocol = .ieee8021ad
    topology.interfaces[1].mode = .source
    topology.interfaces[1].macvlanFlags = 2
    topology.interfaces[1].allowedSources = [Sample.outsideMAC, Sample.secondMAC]
    topology.interfaces[1].broadcastQueueLength = 2000
    topology.interfaces[1].broadcastQueueLengthUsed = 2000
    topology.interfaces[2].broadcastQueueLength = 1000
    topology.interfaces[2].broadcastQueueLengthUsed = 2000
    topology.interfaces[2].broadcastCutoff = 1
    topology.interfaces[4].broadcastCutoff = -1
    topology.interfaces[4].broadcastQueueLength = 1000
    topology.interfaces[4].broadcastQueueLengthUsed = 1000
    let rows = Self.rows(topology, width: 200)
    #expect(rows[0].hasSuffix("SETTINGS"))
    #expect(rows.contains { $0.contains("vlan 802.1ad") })
    let first = try #require(rows.firstIndex { $0.contains("bbox1") })
    #expect(rows[first].contains("macvlan source nodst") && rows[first].hasSuffix("hears 02:00:00:00:00:01"))
    #expect(rows[first + 1].hasSuffix("hears 02:42:ac:10:10:14"))
    #expect(rows[first + 2].hasSuffix("queues 2000 broadcasts"))
    #expect(
      rows.first { $0.contains("bbox2") }?.hasSuffix("queues 1000 broadcasts, 2000 with its siblings") == true
    )
    #expect(rows.last?.hasSuffix("queues no broadcast") == true)
  }

  @Test("what cannot sit on the parent stands below the tree")
  func restrictions() throws {
    var topology = Sample.topology()
    topology.interfaces[0].receiveHandler = ReceiveHandler(kind: "bridge", name: "br0")
    let text = Self.rows(topology).suffix(3).joined(separator: " ")
    #expect(text.contains("· ens33 is a port of bridge br0, which owns its receive handler:"))
  }
}
