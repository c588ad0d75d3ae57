import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Children of children, and parents that are made of other interfaces.
@Suite(.serialized) struct ParentKindTests {
  /// Compares what passed at each interface with what `ip -s link` says of it; nothing is found to be wrong.
  private static func observe(
    _ network: TestNetwork, _ parent: String, _ places: [(name: String, namespace: String)],
    isAmongSiblings: Bool = false, _ traffic: String
  ) throws -> Observation {
    let before = try places.map { try network.statistics($0.name, in: $0.namespace) }
    let observation = try network.observe(parent, traffic)
    let after = try places.map { try network.statistics($0.name, in: $0.namespace) }
    #expect(
      Set(observation.before.interfaces.map(\.label)).count == places.count,
      "\(observation.before.interfaces.map(\.label))")
    for (index, place) in places.enumerated() {
      let interface = try #require(observation.interface(place.name, in: place.namespace), "\(place)")
      let (ours, theirs) = (observation.traffic(interface), after[index] - before[index])
      // What siblings hand over passes the parent's hook, but not its counters (dev_forward_skb).
      if isAmongSiblings, interface.kind == .parent { continue }
      // A bond's statistics are its ports' sum: with the copies that came in at a backup port, and were not taken.
      let isSame =
        interface.linkKind == "bond"
        ? ours.framesIn <= theirs.framesIn : ours.framesIn == theirs.framesIn
      #expect(isSame && ours.framesOut == theirs.framesOut, "\(place) \(ours) \(theirs)")
      #expect(ours.framesIn > 0, "\(place)")
    }
    let findings = Diagnosis.evaluate(observation).findings.filter { $0.severity >= .warning }
    #expect(findings.isEmpty, "\(findings.map { ($0.id, $0.evidence) })")
    return observation
  }

  /// The kernel puts a macvlan that is made on a macvlan beside that one, on the interface below.
  @Test func aMacvlanOnAMacvlanIsItsSibling() throws {
    let network = try TestNetwork(
      "host", "wire", "c", "d",
      script: """
        ip -n $host link add ens33 type veth peer name w0 netns $wire; ip -n $host link set ens33 up
        ip -n $wire link set w0 up; ip -n $wire address add 10.0.0.3/24 dev w0
        ip -n $host link add eth0 netns $c link ens33 type macvlan mode bridge
        # Older kernels look for the name where the request is made, too.
        ip -n $c link add new0 netns $d link eth0 type macvlan mode bridge; ip -n $d link set new0 name eth0
        for name in $c $d; do ip -n $name link set eth0 up; done
        ip -n $c address add 10.0.0.10/24 dev eth0; ip -n $d address add 10.0.0.11/24 dev eth0
        """)
    let observation = try Self.observe(
      network, "ens33", [("ens33", "host"), ("eth0", "c"), ("eth0", "d")], isAmongSiblings: true,
      "ip netns exec $d ping -c 2 -i 0.05 -W 2 10.0.0.10 >/dev/null")
    #expect(observation.before.children.allSatisfy { $0.parent == observation.before.parent })
    let d = try #require(observation.interface("eth0", in: "d"))
    let origin = observation.after.origins(of: observation.counters)[d.id]
    #expect(
      origin?.sibling == 3 && origin?.wire == 0 && origin?.reflected == 0, "\(String(describing: origin))")
  }

  /// In passthru mode a child gets what is for those on it, which have other addresses or the same.
  @Test(.needs(.vlan && .ipvlan))
  func childrenOfAContainersVLANAndOfItsChild() throws {
    let network = try TestNetwork(
      "host", "wire", "c", "deep", "shared",
      script: """
        ip -n $host link add ens33 type veth peer name w0 netns $wire; ip -n $host link set ens33 up
        ip -n $wire link set w0 up; ip -n $wire link add link w0 name x10 type vlan id 10; ip -n $wire link set x10 up
        ip -n $wire address add 10.0.0.3/24 dev w0; ip -n $wire address add 10.1.0.3/24 dev x10
        ip -n $host link add eth0 netns $c link ens33 type macvlan mode passthru
        ip -n $c link set eth0 up; ip -n $c address add 10.0.0.10/24 dev eth0
        ip -n $c link add link eth0 name tenant type vlan id 10; ip -n $c link set tenant up
        ip -n $c link add eth1 netns $deep link tenant type macvlan mode bridge
        ip -n $deep link set eth1 up; ip -n $deep address add 10.1.0.11/24 dev eth1
        ip -n $c link add eth2 netns $shared link eth0 type ipvlan mode l2
        ip -n $shared link set eth2 up; ip -n $shared address add 10.0.0.12/24 dev eth2
        """)
    let observation = try Self.observe(
      network, "ens33",
      [("ens33", "host"), ("eth0", "c"), ("tenant", "c"), ("eth1", "deep"), ("eth2", "shared")],
      """
      pings() { ip netns exec $1 ping -c 2 -i 0.05 -W 2 $2 >/dev/null; }
      pings $deep 10.1.0.3; pings $shared 10.0.0.3; pings $wire 10.0.0.12
      """)
    let c = try #require(observation.interface("eth0", in: "c"))
    let tenant = try #require(observation.interface("tenant", in: "c"))
    let deep = try #require(observation.interface("eth1", in: "deep"))
    let shared = try #require(observation.interface("eth2", in: "shared"))
    #expect(tenant.parent == c.id && deep.parent == tenant.id && shared.parent == c.id)
    #expect(tenant.kind == .vlan && deep.kind == .macvlan && shared.kind == .ipvlan && shared.mac == c.mac)
    #expect(deep.vlan == VLANTests.id(10) && shared.vlan == nil)
    #expect(c.receiveHandler?.kind == "ipvlan" && tenant.receiveHandler?.kind == "macvlan")
    let origins = observation.after.origins(of: observation.counters)
    for child in [deep, shared] {
      let origin = try #require(origins[child.id])
      #expect(origin.wire == observation.traffic(child).framesIn, "\(child.label): \(origin)")
    }
  }

  @Test(.needs(.bond)) func aBondAsTheParent() throws {
    let network = try TestNetwork(
      "host", "wire", "c",
      script: """
        ip -n $host link add bond7 type bond mode active-backup miimon 100
        ip -n $wire link add br0 type bridge mcast_snooping 0; ip -n $wire link set br0 up; ip -n $wire address add 10.0.0.3/24 dev br0
        for number in 1 2; do
          ip -n $host link add ens$number type veth peer name w$number netns $wire
          ip -n $wire link set w$number up master br0; ip -n $host link set ens$number master bond7
        done
        ip -n $host link set bond7 up
        ip -n $host link add eth0 netns $c link bond7 type macvlan mode bridge
        ip -n $c link set eth0 up; ip -n $c address add 10.0.0.10/24 dev eth0
        for try in $(seq 50); do ip -n $c link show eth0 | grep -q LOWER_UP && break; sleep 0.1; done; sleep 2
        """)
    let traffic = "ip netns exec $c ping -c 2 -i 0.05 -W 2 10.0.0.3 >/dev/null"
    let observation = try Self.observe(network, "bond7", [("bond7", "host"), ("eth0", "c")], traffic)
    #expect(observation.before.parentInterface?.linkKind == "bond")
    // A port of it is observed as well, though no child can sit there.
    let port = try network.observe("ens1", traffic)
    #expect(port.before.parentInterface?.receiveHandler == ReceiveHandler(kind: "bond", name: "bond7"))
    #expect(port.counters.reduce(0) { $0 + $1.frames } >= 4)
  }

  @Test func aBridgeAsTheParent() throws {
    let network = try TestNetwork(
      "host", "wire", "c",
      script: """
        ip -n $host link add br0 type bridge mcast_snooping 0; ip -n $host link set br0 up
        ip -n $host link add ens33 type veth peer name w0 netns $wire; ip -n $host link set ens33 up master br0
        ip -n $wire link set w0 up; ip -n $wire address add 10.0.0.3/24 dev w0
        ip -n $host link add eth0 netns $c link br0 type macvlan mode bridge
        ip -n $c link set eth0 up; ip -n $c address add 10.0.0.10/24 dev eth0
        """)
    let observation = try Self.observe(
      network, "br0", [("br0", "host"), ("eth0", "c")],
      "ip netns exec $c ping -c 2 -i 0.05 -W 2 10.0.0.3 >/dev/null")
    #expect(observation.before.parentInterface?.linkKind == "bridge")
    #expect(observation.before.parentInterface?.receiveHandler?.kind == "macvlan")
  }
}
