import LinuxNamespaces
import NetworkAddresses
import TestSupport
import Testing
import TraceDiscovery
import TraceModel

@Suite("The topology agrees with iproute2", .enabled(if: isRoot, "needs root"))
struct TopologyAgreementTests {
  @Test("every mode but passthru, children of every kind and state")
  func modes() throws {
    let host = try TestNamespace()
    let others = try (0..<8).map { _ in try TestNamespace() }
    let names = others.map(\.name)
    try host.ip(
      """
      link add p0 type veth peer name p1
      link add unrelated type veth peer name peer netns \(names[0])
      link add br0 type bridge
      link set p1 master br0
      link set br0 up
      link set p0 up promisc on
      link set p1 up
      address add 10.9.0.2/24 dev p0
      neighbor add 10.9.0.99 lladdr 02:00:00:00:00:99 dev p0
      link add link p0 name eth0 netns \(names[0]) type macvlan mode bridge
      link add link p0 name eth0 netns \(names[1]) type macvlan mode private
      link add link p0 name eth0 netns \(names[2]) type macvlan mode vepa
      link add link p0 name eth0 netns \(names[3]) type macvlan mode source
      link add link p0 name tap0 netns \(names[4]) type macvtap mode bridge
      link add link p0 name eth0 netns \(names[5]) mtu 1400 type macvlan mode bridge
      link add link p0 name eth0 netns \(names[6]) type macvlan mode bridge
      link add link p0 name shim type macvlan mode bridge
      link add link br0 name other netns \(names[7]) type macvlan mode bridge
      link set shim up
      """)
    for (index, name) in zip(others.indices, ["eth0", "eth0", "eth0", "eth0", "tap0"]) {
      try others[index].ip(
        """
        link set \(name) up
        address add 10.9.0.\(10 + index)/24 dev \(name)
        route add default via 10.9.0.1
        """)
    }
    try others[0].ip(
      """
      neighbor add 10.9.0.2 lladdr 02:00:00:00:00:02 dev eth0
      route add 10.10.0.0/16 via 10.9.0.3 metric 7
      """)
    try others[3].ip(
      """
      link set eth0 type macvlan macaddr add 02:00:00:00:00:31
      link set eth0 type macvlan macaddr add 02:00:00:00:00:32
      """)
    // Renamed, and down; a port of a bridge; and a child on a child, which the kernel puts beside it.
    try others[5].ip("link set eth0 name renamed\naddress add 10.9.0.15/32 dev renamed")
    try others[6].ip(
      """
      link set eth0 up
      link add link eth0 name nested type macvlan mode bridge
      link set nested up
      link add br1 type bridge
      link set nested master br1
      """)
    try Oracle.expectAgreement(host, parent: "p0", others)
    #expect(try host.scan("p0").children.count == 9)
    // A bridge is a parent like any other.
    try Oracle.expectAgreement(host, parent: "br0", others)
    #expect(try host.scan("br0").children.map(\.name) == ["other"])
    let parents = try host.namespace.run { try TopologyScanner.parents() }
    #expect(parents.sorted() == ["br0", "p0"])
  }

  @Test("passthru, which suffers no other child")
  func passthru() throws {
    let host = try TestNamespace()
    let container = try TestNamespace()
    try host.ip(
      """
      link add p0 type veth peer name p1
      link set p0 up
      link set p1 up
      link add link p0 name eth0 netns \(container.name) type macvlan mode passthru
      """)
    try container.ip("link set eth0 up\naddress add 10.9.0.10/24 dev eth0")
    try Oracle.expectAgreement(host, parent: "p0", [container])
    #expect(try host.scan("p0").children.map(\.mode) == [.passthru])
  }

  @Test("VLANs, wherever they and their children live", .needs(.vlan))
  func vlans() throws {
    let host = try TestNamespace()
    let (router, container) = (try TestNamespace(), try TestNamespace())
    try host.ip(
      """
      link add p0 type veth peer name p1
      link set p0 up
      link add link p0 name p0.10 type vlan id 10
      link add link p0 name p0.20 netns \(router.name) type vlan id 20
      link add link p0.10 name eth0 netns \(container.name) type macvlan mode bridge
      """)
    // Its parent is in a third namespace, which may be scanned later.
    try router.ip("link add link p0.20 name eth1 netns \(container.name) type macvlan mode bridge")
    let topology = try host.scan("p0")
    let vlans = Dictionary(uniqueKeysWithValues: topology.interfaces.map { ($0.name, $0.vlan?.rawValue) })
    #expect(vlans == ["p0": nil, "p0.10": 10, "p0.20": 20, "eth0": 10, "eth1": 20])
    let lower = try #require(topology.interfaces.first { $0.name == "p0.20" })
    #expect(lower.id.namespace == router.inode)
    #expect(topology.interfaces.first { $0.name == "eth1" }?.parent == lower.id)
  }

  @Test("what cannot be a parent is refused with what to do")
  func refusals() throws {
    let host = try TestNamespace()
    try host.ip(
      """
      link add p0 type veth peer name p1
      link add link p0 name shim type macvlan mode bridge
      """)
    for (name, code) in [
      ("absent", DiscoveryError.Code.noSuchInterface), ("lo", .unsupportedInterface),
      ("shim", .unsupportedInterface), ("", .noSuchInterface), ("p0\n", .noSuchInterface),
    ] {
      let error = #expect(throws: DiscoveryError.self) { _ = try host.scan(name) }
      #expect(error?.code == code)
    }
  }
}
