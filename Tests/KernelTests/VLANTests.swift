import CLinux
import Foundation
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import PacketKit
import SystemPackage
import TestSupport
import Testing
import TraceCapture
import TraceDiagnosis
import TraceLab
import TraceModel

/// A trunk: 802.1Q and 802.1ad sub-interfaces of any name, one on the other, and children on each.
@Suite(.serialized, .needs(.vlan)) struct VLANTests {
  static func id(_ number: UInt16) -> VLANID { VLANID(tagControlInformation: number) }

  /// `ens33` with VLAN 10 as `vlan-office`, service VLAN 100 as `service`, and VLAN 10 on that as `ens33.77`, whose name
  /// lies. Their other ends are in `wire`.
  private static func trunk() throws -> TestNetwork {
    try TestNetwork(
      "host", "wire", "plain", "office", "carried", "inner",
      script: """
        ip -n $host link add ens33 type veth peer name w0 netns $wire
        ip -n $host link set ens33 up; ip -n $wire link set w0 up
        below() { ip -n $1 link add link $2 name $3 type vlan protocol $4 id $5; ip -n $1 link set $3 up; }
        below $host ens33 vlan-office 802.1Q 10; below $wire w0 x10 802.1Q 10
        below $host ens33 service 802.1ad 100; below $wire w0 x100 802.1ad 100
        below $host service ens33.77 802.1Q 10; below $wire x100 x100.10 802.1Q 10
        net=1
        for pair in plain:ens33:w0 office:vlan-office:x10 carried:service:x100 inner:ens33.77:x100.10; do
          IFS=: read name lower peer <<< $pair; child=${!name}
          ip -n $host link add eth0 netns $child link $lower type macvlan mode bridge
          ip -n $child link set eth0 up; ip -n $child address add 10.0.$net.10/24 dev eth0
          ip -n $host address add 10.0.$net.2/24 dev $lower; ip -n $wire address add 10.0.$net.3/24 dev $peer
          net=$((net + 1))
        done
        """)
  }

  /// Two pings of each child and of the host to the other end, and back.
  private static let pings = """
    ping() { ip netns exec $1 ping -c 2 -i 0.05 -W 2 $2 >/dev/null; }
    net=1
    for child in $plain $office $carried $inner; do
      ping $child 10.0.$net.3; ping $wire 10.0.$net.10; ping $host 10.0.$net.3; ping $wire 10.0.$net.2
      net=$((net + 1))
    done
    """

  @Test func everySubInterfaceAndItsChildrenAreFoundWhateverTheirNames() throws {
    let network = try Self.trunk()
    let observation = try network.observe("ens33", "true")
    let expected: [(name: String, lower: String, vlan: UInt16, protocol: VLANProtocol, child: String)] = [
      ("vlan-office", "ens33", 10, .ieee8021Q, "office"), ("service", "ens33", 100, .ieee8021ad, "carried"),
      ("ens33.77", "service", 10, .ieee8021Q, "inner"),
    ]
    #expect(observation.before.interfaces.count == 8)
    for one in expected {
      let vlan = try #require(observation.interface(one.name, in: "host"))
      #expect(vlan.kind == .vlan && vlan.vlan == Self.id(one.vlan) && vlan.vlanProtocol == one.protocol)
      #expect(vlan.parent == observation.interface(one.lower, in: "host")?.id)
      let link = try network.link(one.name, in: "host")
      let data = (link["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any]
      #expect(data?["id"] as? Int == Int(one.vlan) && data?["protocol"] as? String == one.protocol.rawValue)
      let child = try #require(observation.interface("eth0", in: one.child))
      #expect(child.kind == .macvlan && child.parent == vlan.id && child.vlan == Self.id(one.vlan))
    }
    let plain = try #require(observation.interface("eth0", in: "plain"))
    #expect(plain.parent == observation.before.parent && plain.vlan == nil)
  }

  private struct Flow: Hashable {
    var source: MACAddress
    var destination: MACAddress
    var direction: Direction
  }
  private struct Sum: Equatable {
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// What an interface counted under two tags, by flow; each frame less the octets of its tags.
  private static func sums(
    _ observation: Observation, _ interface: Interface, _ vlan: UInt16?, _ inner: UInt16? = nil
  ) -> [Flow: Sum] {
    let tags = UInt64((vlan == nil ? 0 : 4) + (inner == nil ? 0 : 4))
    return observation.counters.reduce(into: [:]) { sums, counter in
      guard counter.interface == interface.id, counter.vlan == vlan.map(id),
        counter.innerVLAN == inner.map(id)
      else { return }
      let flow = Flow(source: counter.source, destination: counter.destination, direction: counter.direction)
      sums[flow, default: Sum()].frames += counter.frames
      sums[flow, default: Sum()].bytes += counter.bytes - tags * counter.frames
    }
  }

  /// The sub-interfaces say what the parent says, by address pair and direction.
  private static func expectAgreement(_ observation: Observation) throws {
    let parent = try #require(observation.interface("ens33", in: "host"))
    let office = try #require(observation.interface("vlan-office", in: "host"))
    let service = try #require(observation.interface("service", in: "host"))
    let inner = try #require(observation.interface("ens33.77", in: "host"))
    let (ten, hundred) = (Self.sums(observation, parent, 10), Self.sums(observation, parent, 100))
    let both = Self.sums(observation, parent, 100, 10)
    for sums in [ten, hundred, both] { #expect(Set(sums.keys.map(\.direction)) == [.ingress, .egress]) }
    #expect(ten == Self.sums(observation, office, nil))
    #expect(hundred == Self.sums(observation, service, nil))
    #expect(both == Self.sums(observation, service, 10))
    #expect(both == Self.sums(observation, inner, nil))
    // There is nothing else at any of them.
    let kept: [(Interface, Set<UInt16?>)] = [
      (parent, [nil, 10, 100]), (office, [nil]), (service, [nil, 10]), (inner, [nil]),
    ]
    for (interface, vlans) in kept {
      let counted = Set(observation.counters.filter { $0.interface == interface.id }.map(\.vlan))
      #expect(counted == Set(vlans.map { $0.map(id) }), "\(interface.name)")
    }
  }

  /// The tag lies in the buffer's metadata, or with these offloads off, in the frame.
  @Test(arguments: ["on", "off"]) func countersAgreeWithTheParentsAndWithTheKernels(_ offload: String) throws
  {
    let network = try Self.trunk()
    try network.run(
      """
      tags() { ip netns exec $1 ethtool -K $2 rxvlan \(offload) txvlan \(offload) tx-vlan-stag-hw-insert \(offload) \
        rx-vlan-stag-hw-parse \(offload) >/dev/null; }
      tags $host ens33; tags $wire w0; sleep 1.5
      """)
    let places = [
      ("vlan-office", "host"), ("service", "host"), ("ens33.77", "host"), ("ens33", "host"),
      ("eth0", "plain"),
      ("eth0", "office"), ("eth0", "carried"), ("eth0", "inner"),
    ]
    let before = try places.map { try network.statistics($0.0, in: $0.1) }
    let observation = try network.observe("ens33", Self.pings)
    let after = try places.map { try network.statistics($0.0, in: $0.1) }
    try Self.expectAgreement(observation)
    for (index, place) in places.enumerated() {
      let interface = try #require(observation.interface(place.0, in: place.1))
      let (ours, theirs) = (observation.traffic(interface), after[index] - before[index])
      #expect(ours.framesIn == theirs.framesIn && ours.framesOut == theirs.framesOut, "\(place)")
      #expect(ours.framesIn >= 4 && ours.framesOut >= 4, "\(place)")
      // The VLAN driver counts what comes in without the 14 octets of the Ethernet header (vlan_do_receive).
      if interface.kind == .vlan {
        #expect(ours.bytesIn == theirs.bytesIn + 14 * theirs.framesIn, "\(place)")
      }
    }
    let origins = observation.after.origins(of: observation.counters)
    for name in ["plain", "office", "carried", "inner"] {
      let child = try #require(observation.interface("eth0", in: name))
      let origin = try #require(origins[child.id])
      #expect(origin.wire == observation.traffic(child).framesIn - origin.reflected - origin.sibling)
      #expect(origin.sibling == 0 && origin.reflected == 0, "\(name): \(origin)")
    }
  }

  /// Buffers of many segments, of which the wire carries each with a tag of its own.
  @Test func bufferedSegmentsCarryATagEach() throws {
    let network = try Self.trunk()
    let server = try Background(["iperf3", "-s", "-1", "--forceflush"], in: try network.namespace("wire"))
    try server.waitFor("listening")
    var options = CaptureOptions()
    options.samplingMask = 0
    let said = FileManager.default.temporaryDirectory.appending(path: "iperf3-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: said) }
    let observation = try network.observe(
      "ens33", options: options, waiting: 300,
      """
      ip netns exec $office timeout \(Patience.times(60)) iperf3 -J -n 3M -c 10.0.2.3 >\(said.path())
      ip netns exec $wire ping -c 1 -W 2 10.0.3.10 >/dev/null
      ip netns exec $wire ping -c 1 -W 2 10.0.4.10 >/dev/null
      ip netns exec $wire ping -c 1 -W 2 10.0.1.10 >/dev/null
      """)
    server.stop()
    try Self.expectAgreement(observation)
    let office = try #require(observation.interface("vlan-office", in: "host"))
    let end = try #require(
      (JSONSerialization.jsonObject(with: Data(contentsOf: said)) as? [String: Any])?["end"] as? [String: Any]
    )
    // iperf3 ends before it has read all that was sent.
    let received = try #require((end["sum_received"] as? [String: Any])?["bytes"] as? UInt64)
    #expect(received > 1 << 20 && observation.traffic(office).bytesOut > received, "\(end)")
    #expect(observation.sightings.contains { $0.segments > 1 }, "no buffer stood for several frames")
  }

  @Test func aVLANWithoutADeviceAndUntaggedFramesAreVisible() throws {
    let network = try Self.trunk()
    let wire = try network.namespace("wire")
    let host = try network.namespace("host")
    let mac = try #require(try host.run { try NetlinkSocket().link(named: "ens33").mac })
    let source = MACAddress(rawValue: 0x0200_0000_beef)
    let tags: [[EthernetTag]] = [
      [], [EthernetTag(Self.id(77))],
      [EthernetTag(Self.id(88), type: .serviceTag), EthernetTag(Self.id(99))],
      [EthernetTag(Self.id(0))],
    ]
    let observation = try Observed.observe(in: host, parent: "ens33", waiting: 50) {
      try wire.run {
        let socket = clinux_packet_socket(Int32(try NetlinkSocket().link(named: "w0").ifindex))
        try #require(socket >= 0)
        defer { close(socket) }
        for (index, stack) in tags.enumerated() {
          let frame = EthernetFrame(
            to: mac, from: source, tags: stack, .other(.localExperimental, [UInt8](repeating: 0, count: 46)))
          let octets = try frame.octets()
          for _ in 0...index {
            try #require(clinux_send_frames(socket, octets, UInt32(octets.count), 1) == 1)
          }
        }
      }
    }
    let seen = observation.counters.filter { $0.source == source }
    #expect(seen.allSatisfy { $0.interface == observation.before.parent && $0.direction == .ingress })
    let counts = Dictionary(
      seen.map { ([$0.vlan?.rawValue, $0.innerVLAN?.rawValue], $0.frames) }, uniquingKeysWith: +)
    #expect(counts == [[nil, nil]: 1, [77, nil]: 2, [88, 99]: 3, [0, nil]: 4])
    #expect(seen.first { $0.vlan == nil }?.bytes == 60)
    #expect(seen.first { $0.vlan?.rawValue == 77 }?.bytes == 2 * 64)
  }

  @Test func aVLANCanBeTheParentItself() throws {
    let network = try Self.trunk()
    let observation = try network.observe("vlan-office", Self.pings)
    let parent = try #require(observation.before.parentInterface)
    let child = try #require(observation.interface("eth0", in: "office"))
    #expect(observation.before.interfaces.map(\.id) == [parent.id, child.id])
    #expect(parent.kind == .parent && parent.vlan == Self.id(10) && parent.linkKind == "vlan")
    #expect(child.parent == parent.id && child.vlan == Self.id(10))
    #expect(observation.counters.allSatisfy { $0.vlan == nil }, "its frames have no tag of their own")
    #expect(observation.traffic(child).framesIn >= 4 && observation.traffic(parent).framesIn >= 8)
    let report = try network.json("attach vlan-office --duration 300ms")
    #expect((report["interfaces"] as? [[String: Any]])?.count == 2)
  }

  /// Without REORDER_HDR the driver puts the tag back before it hands the frame on, but not to children.
  @Test func aSubInterfaceWithoutHeaderReorderingIsCounted() throws {
    let network = try Self.trunk()
    try network.run("ip -n $host link set vlan-office type vlan reorder_hdr off; sleep 0.5")
    let before = try network.statistics("vlan-office", in: "host")
    let observation = try network.observe("ens33", Self.pings)
    let after = try network.statistics("vlan-office", in: "host")
    let office = try #require(observation.interface("vlan-office", in: "host"))
    let ours = observation.traffic(office)
    #expect(ours.framesIn == (after - before).framesIn && ours.framesOut == (after - before).framesOut)
  }
}

/// What happened between the lab's two VLANs, as live traffic shows it.
@Suite(.serialized, .needs(.vlan && .bridgeVLANs)) struct VLANPathTests {
  /// What bbox10's pings to bbox21, on the same host, came to: from VLAN 10 to 20, and back.
  private static func verdicts(_ lab: Lab, _ change: String, passes: Bool) throws -> (
    there: VLANPath, back: VLANPath
  ) {
    let result = try lab.run(["sh", "-ec", change], in: "router")
    #expect(result.status == 0, "\(change): \(result.output)")
    // The router is asked for by broadcast each time.
    _ = try lab.run(["ip", "neighbor", "flush", "all"], in: "bbox10")
    let observation = try Observed.observe(lab, waiting: 1200) {
      let ping = ["ping", "-c", "3", "-i", "0.3", "-W", "2", "172.16.20.21"]
      let result = try lab.run(ping, in: "bbox10")
      #expect((result.status == 0) == passes, "\(change): \(result.output)")
    }
    let paths = Diagnosis.evaluate(observation).vlanPaths
    #expect(paths.count == 2)
    let find = { (from: UInt16) in try #require(paths.first { $0.from.rawValue == from }) }
    return (try find(10), try find(20))
  }

  /// The router is changed step by step, and what it does is what the verdict says.
  @Test func everyVerdictIsWhatTheRouterDoes() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let router = try #require(
        try lab.namespace("router").run { try NetlinkSocket().link(named: "r0").mac })
      let routed = try Self.verdicts(lab, "true", passes: true)
      for path in [routed.there, routed.back] {
        #expect(path.verdict == .routed && path.ttlDecrement == 1 && path.routerMAC == router, "\(path)")
        #expect((path.hopLatency?.count ?? 0) >= 3 && (path.hopLatency?.p50 ?? 0) > 0)
      }
      let translated = try Self.verdicts(
        lab, "iptables -t nat -A POSTROUTING -o r0.20 -j MASQUERADE", passes: true
      ).there
      #expect(translated.verdict == .routed, "\(translated)")
      #expect(
        translated.evidence.contains { $0.contains("172.16.10.10 became 172.16.20.1") }, "\(translated)")
      let refused = try Self.verdicts(
        lab,
        "iptables -t nat -F; iptables -A FORWARD -j REJECT --reject-with icmp-admin-prohibited", passes: false
      ).there
      #expect(refused.verdict == .blocked, "\(refused)")
      #expect(refused.evidence.last?.contains("type 3, code 13") == true, "\(refused)")
      let mute = try Self.verdicts(
        lab, "iptables -F FORWARD; sysctl -qw net.ipv4.ip_forward=0", passes: false)
      #expect(mute.there.verdict == .blocked && mute.there.routerMAC == router, "\(mute.there)")
      #expect(mute.back.verdict == .unobserved, "\(mute.back)")
      let leaked = try Self.verdicts(
        lab,
        "ip link add leak type bridge; ip link set leak up; for vlan in 10 20; do ip link set r0.$vlan master leak; done",
        passes: false
      ).there
      #expect(leaked.verdict == .leaked && leaked.ttlDecrement ?? 0 == 0, "\(leaked)")
    }
  }
}
