import NetworkAddresses
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Every kind of child, on every kind of parent: found, attached and counted as the kernel counts.
@Suite(.serialized) struct ChildKindTests {
  /// Observes, and compares what passed at each interface with what `ip -s link` says of it, frame by frame.
  private static func observe(
    _ network: TestNetwork, _ parent: String, _ places: [(name: String, namespace: String)], _ traffic: String
  ) throws -> Observation {
    let before = try places.map { try network.statistics($0.name, in: $0.namespace) }
    let observation = try network.observe(parent, traffic)
    let after = try places.map { try network.statistics($0.name, in: $0.namespace) }
    #expect(
      observation.before.interfaces.count == places.count, "\(observation.before.interfaces.map(\.label))")
    for (index, place) in places.enumerated() {
      let interface = try #require(observation.interface(place.name, in: place.namespace), "\(place)")
      let (ours, theirs) = (observation.traffic(interface), after[index] - before[index])
      #expect(ours.framesOut == theirs.framesOut, "\(place) \(parent)")
      // What an ipvlan in mode l3s gets from outside passes none of its hooks.
      if interface.mode == .l3s { continue }
      #expect(ours.framesIn == theirs.framesIn, "\(place) \(parent)")
    }
    let findings = Diagnosis.evaluate(observation).findings.filter { $0.severity >= .warning }
    #expect(findings.isEmpty, "\(findings.map { ($0.id, $0.evidence) })")
    return observation
  }

  private static func origins(_ observation: Observation, _ name: String, in namespace: String) throws
    -> [UInt64]
  {
    let child = try #require(observation.interface(name, in: namespace))
    let origin = observation.after.origins(of: observation.counters)[child.id] ?? TrafficOrigin()
    return [origin.wire, origin.sibling, origin.reflected]
  }

  /// A parent and its other end, which has 10.0.0.3.
  private static let cable = """
    ip -n $host link add ens33 type veth peer name w0 netns $wire
    ip -n $host link set ens33 up; ip -n $wire link set w0 up; ip -n $wire address add 10.0.0.3/24 dev w0
    ip -n $host address add 10.0.0.2/24 dev ens33
    child() { local name=$1 number=$2; shift 2
      ip -n $host link add eth0 netns $name link "$@"; ip -n $name link set eth0 up
      ip -n $name address add 10.0.0.$number/24 dev eth0; }

    """

  @Test func macvlanModesAndMacvtap() throws {
    let network = try TestNetwork(
      "host", "wire", "private", "vepa", "bridge", "tap",
      script: Self.cable + """
        child $private 10 ens33 type macvlan mode private; child $vepa 11 ens33 type macvlan mode vepa
        child $bridge 12 ens33 type macvlan mode bridge; child $tap 13 ens33 type macvtap mode bridge
        # What a macvtap gets goes to the program that opened it, and here to nobody.
        mac() { ip -n $1 -o link show $2 | sed 's/.*ether \\([^ ]*\\).*/\\1/'; }
        ip -n $tap neighbor add 10.0.0.3 lladdr $(mac $wire w0) dev eth0
        """)
    let observation = try Self.observe(
      network, "ens33",
      [("ens33", "host"), ("eth0", "private"), ("eth0", "vepa"), ("eth0", "bridge"), ("eth0", "tap")],
      """
      for last in 10 11 12; do ip netns exec $wire ping -c 2 -i 0.05 -W 2 10.0.0.$last >/dev/null; done
      ip netns exec $tap ping -c 2 -i 0.05 -W 1 10.0.0.3 >/dev/null || true
      """)
    let modes: [(String, InterfaceKind, ChildMode)] = [
      ("private", .macvlan, .private), ("vepa", .macvlan, .vepa), ("bridge", .macvlan, .bridge),
      ("tap", .macvtap, .bridge),
    ]
    for (name, kind, mode) in modes {
      let child = try #require(observation.interface("eth0", in: name))
      #expect(child.kind == kind && child.mode == mode && child.parent == observation.before.parent)
      #expect(
        observation.traffic(child).framesIn >= 2 && observation.traffic(child).framesOut >= 2, "\(name)")
    }
  }

  @Test func aPassthruChild() throws {
    let network = try TestNetwork(
      "host", "wire", "c", script: Self.cable + "child $c 10 ens33 type macvlan mode passthru")
    let observation = try Self.observe(
      network, "ens33", [("ens33", "host"), ("eth0", "c")],
      "ip netns exec $wire ping -c 2 -i 0.05 -W 2 10.0.0.10 >/dev/null")
    #expect(try Self.origins(observation, "eth0", in: "c") == [3, 0, 0])
  }

  /// Its list is read as `ip -d link` reads it, and shown; its flag and its queue where the kernel has such.
  @Test(arguments: [[], ["nodst"], ["bcqueuelen"], ["nodst", "bcqueuelen"]])
  func aSourceModeChildWithItsSettings(_ settings: [String]) throws {
    if settings.contains("nodst") { try Feature.noDestinationFlag.require() }
    if settings.contains("bcqueuelen") { try Feature.broadcastQueueLength.require() }
    let flags = settings.filter { $0 == "nodst" }
    let queue = settings.contains("bcqueuelen") ? "bcqueuelen 2000" : ""
    let network = try TestNetwork(
      "host", "wire", "c", "other",
      script: Self.cable + """
        peer=$(ip -n $wire -o link show w0 | sed 's/.*ether \\([^ ]*\\).*/\\1/')
        ip -n $host link add eth0 netns $c link ens33 type macvlan mode source \(flags.joined()) \(queue) \\
          macaddr set $peer 02:00:00:00:00:05
        ip -n $c link set eth0 up; ip -n $c address add 10.0.0.10/24 dev eth0
        child $other 11 ens33 type macvlan mode bridge
        """)
    let observation = try Self.observe(
      network, "ens33", [("ens33", "host"), ("eth0", "c"), ("eth0", "other")],
      "ip netns exec $wire ping -c 2 -i 0.05 -W 2 10.0.0.10 >/dev/null")
    let child = try #require(observation.interface("eth0", in: "c"))
    let other = try #require(observation.interface("eth0", in: "other"))
    #expect(observation.traffic(child).framesIn >= 3)
    let link = try network.link("eth0", in: "c")
    let data = try #require((link["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any])
    #expect(data["mode"] as? String == "source" && (data["nodst"] as? Bool ?? false) == (flags == ["nodst"]))
    #expect(child.mode == .source && child.flagNames == flags && other.flagNames.isEmpty)
    #expect(Set(child.allowedSources.map(\.description)) == Set(data["macaddr_data"] as? [String] ?? []))
    #expect(child.broadcastQueueLength == data["bcqueuelen"] as? Int)
    #expect(child.broadcastQueueLengthUsed == data["usedbcqueuelen"] as? Int)
    #expect(other.broadcastQueueLengthUsed == child.broadcastQueueLengthUsed)
    let list = try network.run("ip netns exec $host .build/debug/macvtrace list ens33")
    #expect(
      list.contains((["macvlan source"] + flags).joined(separator: " "))
        && list.contains("hears 02:00:00:00:00:05"), "\(list)")
    if !queue.isEmpty {
      #expect(list.contains("queues 2000 broadcasts"), "\(list)")
      #expect(list.contains("queues 1000 broadcasts,"), "\(list)")
    }
    let json = try network.json("list ens33")
    let read = (json["interfaces"] as? [[String: Any]])?.first { $0["mode"] as? String == "source" }
    #expect(read?["child_flags"] as? [String] == flags)
    #expect(read?["broadcast_queue_length"] as? Int == data["bcqueuelen"] as? Int)
    #expect(read?.keys.contains("broadcast_cutoff") == true)
  }

  @Test(.needs(.ipvlan), arguments: [ChildMode.l2, .l3, .l3s])
  func ipvlanChildrenAreToldApartByAddress(_ mode: ChildMode) throws {
    // Up from layer 3 they are a network of their own behind the host.
    let net = mode == .l2 ? "10.0.0" : "10.9.0"
    let network = try TestNetwork(
      "host", "wire", "a", "b",
      script: Self.cable + """
        for name in a b; do
          ip -n $host link add eth0 netns ${!name} link ens33 type ipvlan mode \(mode.rawValue)
          ip -n ${!name} link set eth0 up
        done
        ip -n $a address add \(net).10/24 dev eth0; ip -n $b address add \(net).11/24 dev eth0
        [ \(net) = 10.0.0 ] || { ip -n $wire route add 10.9.0.0/24 via 10.0.0.2
          for name in $a $b; do ip -n $name route add default dev eth0; done; }
        """)
    let observation = try Self.observe(
      network, "ens33", [("ens33", "host"), ("eth0", "a"), ("eth0", "b")],
      """
      pings() { ip netns exec $1 ping -c $2 -i 0.05 -W 2 $3 >/dev/null; }
      pings $a 2 10.0.0.3; pings $a 3 \(net).11; pings $wire 4 \(net).11
      """)
    let (a, b) = (
      try #require(observation.interface("eth0", in: "a")),
      try #require(observation.interface("eth0", in: "b"))
    )
    for child in [a, b] {
      #expect(
        child.kind == .ipvlan && child.mode == mode && child.mac == observation.before.parentInterface?.mac)
    }
    let (ofA, ofB) = (
      try Self.origins(observation, "eth0", in: "a"), try Self.origins(observation, "eth0", in: "b")
    )
    #expect(ofA[2] == 0 && ofB[2] == 0, "nothing was reflected")
    // Echo requests and replies; in mode l2 ARP as well, which in l3 nobody asks or answers.
    let asked: UInt64 = mode == .l2 ? 1 : 0
    #expect(ofA[1] == 3 + asked && ofB[1] == 3 + 2 * asked, "\(ofA) \(ofB)")
    #expect(mode == .l3s ? ofA[0] == 0 && ofB[0] == 0 : ofA[0] >= 2 && ofB[0] >= 4, "\(ofA) \(ofB)")
    #expect(observation.before.blindSpots.isEmpty == (mode != .l3s))
  }

  /// VEPA: what one ipvlan sends to another goes out, and the switch returns it.
  @Test(.needs(.ipvlan)) func ipvlanChildrenByAReflectingSwitch() throws {
    let network = try TestNetwork(
      "host", "wire", "a", "b",
      script: Self.cable + """
        ip -n $wire address flush dev w0; ip -n $wire link add br0 type bridge mcast_snooping 0
        ip -n $wire link set br0 up
        ip -n $wire link set w0 master br0; bridge -n $wire link set dev w0 hairpin on
        ip -n $wire address add 10.0.0.3/24 dev br0
        child $a 10 ens33 type ipvlan mode l2 vepa; child $b 11 ens33 type ipvlan mode l2 vepa
        """)
    let observation = try Self.observe(
      network, "ens33", [("ens33", "host"), ("eth0", "a"), ("eth0", "b")],
      "ip netns exec $a ping -c 3 -i 0.05 -W 2 10.0.0.11 >/dev/null")
    #expect(observation.before.children.allSatisfy { $0.flagNames == ["vepa"] })
    // The ARP request is handed over at once, all else comes back from the switch.
    #expect(try Self.origins(observation, "eth0", in: "a") == [0, 0, 4])
    #expect(try Self.origins(observation, "eth0", in: "b") == [0, 1, 3])
  }
}
