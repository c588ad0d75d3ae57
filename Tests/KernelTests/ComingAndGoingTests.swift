import Glibc
import LinuxNamespaces
import NetworkAddresses
import TestSupport
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// Children, namespaces and parents that come and go while they are observed.
@Suite(.serialized) struct ComingAndGoingTests {
  /// What is observed, and the report's view of it.
  private final class Observing {
    let lab: Lab
    let live: LiveTopology
    let session: CaptureSession
    private let before: Topology

    init(_ lab: Lab) throws {
      self.lab = lab
      live = try LiveTopology(parent: "ens33")
      before = live.topology
      session = try CaptureSession(before)
    }

    func run(_ command: String, in name: String = "docker01") throws {
      let result = try lab.run(["sh", "-ec", command], in: name)
      try #require(result.status == 0, "\(command): \(result.output)")
    }

    /// Follows what happens until `isDone`, for five seconds at most.
    func follow(until isDone: () -> Bool) throws {
      let end = Observed.monotonic() + 5_000_000_000
      while !isDone(), Observed.monotonic() < end {
        switch try live.follow(timeout: 50) {
        case .none: break
        case .changed: session.update(live.topology)
        case .parentGone: session.lostParent()
        case .parentReturned: session.foundParent(live.topology)
        }
      }
      try #require(isDone(), "\(live.topology.interfaces.map(\.label)), \(session.changes)")
    }

    /// The interface with that address.
    func owner(_ address: String) -> Interface? {
      IPAddress(address).flatMap { live.topology.owner(of: $0) }
    }

    func isAttached(_ interface: Interface?) -> Bool {
      interface.map { session.mechanism($0.id) != nil } ?? false
    }

    func report() -> Report {
      session.stop()
      var observation = Observation(
        tool: ToolInformation(version: "test", command: "test"),
        host: HostInformation(name: "test", kernel: "test"),
        window: ObservationWindow(start: "", end: "", seconds: 0), before: before, after: live.topology)
      session.fill(&observation)
      return Report(of: observation, findings: [])
    }
  }

  private static func observe(_ body: @escaping @Sendable (Observing) throws -> Void) throws {
    try Observed.withLab(LabSpecification()) { lab in
      try lab.namespace("docker01").run { try body(try Observing(lab)) }
    }
  }

  /// Frames and octets of an interface in the kernel's own words: received, then sent.
  private static func statistics(_ lab: Lab, _ interface: String, in name: String) throws -> [UInt64] {
    let script =
      "for f in rx_packets rx_bytes tx_packets tx_bytes; do "
      + "ip -s -j link show dev \(interface) | jq \".[0].stats64.${f%%_*}.${f#*_}\"; done"
    let result = try lab.run(["sh", "-c", script], in: name)
    return result.output.split(separator: "\n").compactMap { UInt64($0) }
  }

  /// The same of our counters.
  private static func counted(_ report: Report, _ id: InterfaceID) -> [UInt64] {
    let own = report.counters.filter { $0.interface == id }
    return [Direction.ingress, .egress].flatMap { direction in
      let side = own.filter { $0.direction == direction }
      return [side.reduce(0) { $0 + $1.frames }, side.reduce(0) { $0 + $1.bytes }]
    }
  }

  private static func add(_ name: String, _ address: String, to observing: Observing) throws {
    try observing.run(
      """
      ip netns add \(name)
      ip link add link ens33 name eth0 netns \(name) type macvlan mode bridge
      ip -n \(name) address add \(address)/24 dev eth0; ip -n \(name) link set eth0 up
      """)
  }

  @Test func aChildThatAppearsIsCountedAndStaysInTheReportWhenItVanishes() throws {
    let name = Observed.prefix + "later"
    try Self.observe { observing in
      defer { _ = try? CommandRunner.run(["ip", "netns", "delete", name]) }
      // Silent until it is attached, so that the kernel's count and ours begin together.
      try observing.run(
        """
        ip netns add \(name)
        ip netns exec \(name) sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        ip link add link ens33 name eth0 netns \(name) type macvlan mode bridge
        ip -n \(name) address add 172.22.16.40/24 dev eth0
        """)
      try observing.follow { observing.isAttached(observing.owner("172.22.16.40")) }
      let child = try #require(observing.owner("172.22.16.40"))
      try observing.run(
        "ip -n \(name) link set eth0 up; ip netns exec \(name) ping -c 3 -i 0.1 -W 1 172.22.16.20")
      // Silent again before it is read: a neighbor is asked anew five seconds after it was used.
      try observing.run("ip -n \(name) link set eth0 down")
      let kernel = try Self.statistics(observing.lab, "eth0", in: "later")
      try observing.run("ip netns delete \(name)")
      try observing.follow { observing.owner("172.22.16.40") == nil }
      let report = observing.report()
      #expect(kernel.count == 4 && kernel[0] >= 3 && kernel[2] >= 3)
      #expect(Self.counted(report, child.id) == kernel)
      #expect(report.interfaces.contains { $0.id == child.id })
      #expect(report.changes.map(\.kind) == [.appeared, .vanished])
      #expect(report.changes.allSatisfy { $0.interface == child.id })
    }
  }

  /// A TCX link goes with its interface; a tc filter ends, and what moved is told as vanished and appeared.
  @Test func aChildThatMovesIsCountedOnWithoutAGap() throws {
    try Feature.tcx.require()
    let (first, second) = (Observed.prefix + "first", Observed.prefix + "second")
    try Self.observe { observing in
      defer { for name in [first, second] { _ = try? CommandRunner.run(["ip", "netns", "delete", name]) } }
      // Silent but for the pings, so that nothing passes between the kernel's count and ours.
      for name in [first, second] {
        try observing.run(
          """
          ip netns add \(name)
          ip netns exec \(name) sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
          """)
      }
      // As Docker makes them: beside the parent, moved afterwards.
      try observing.run(
        "ip link add mover address 02:00:5e:00:53:77 index 4711 link ens33 type macvlan mode bridge")
      let find = { observing.live.topology.interfaces.first { $0.id.ifindex == 4711 } }
      try observing.follow { observing.isAttached(find()) }
      for name in [first, second] {
        let here = try #require(find())
        let from = here.namespace == "host" ? "ip" : "ip -n \(first)"
        try observing.run(
          """
          \(from) link set mover netns \(name)
          ip -n \(name) address add 172.22.16.41/24 dev mover; ip -n \(name) link set mover up
          ip netns exec \(name) ping -c 2 -i 0.1 -W 1 172.22.16.20
          """)
        try observing.follow { find().map { $0.id != here.id } ?? false && observing.isAttached(find()) }
      }
      let kernel = try Self.statistics(observing.lab, "mover", in: "second")
      let child = try #require(find())
      let report = observing.report()
      #expect(report.changes.map(\.kind) == [.appeared, .moved, .moved])
      #expect(Self.counted(report, child.id) == kernel)
    }
  }

  @Test func aChildThatGoesUpOrGetsAnAddressElsewhereIsSeen() throws {
    let name = Observed.prefix + "bbox1"
    try Self.observe { observing in
      // Once all is read that happened before.
      try observing.follow { observing.isAttached(observing.owner("172.22.16.10")) }
      try observing.run(
        "ip -n \(name) address add 172.22.16.55/24 dev eth0; ip -n \(name) link set eth0 down")
      try observing.follow { observing.owner("172.22.16.55").map { !$0.up } ?? false }
      try observing.run("ip -n \(name) link set eth0 up")
      try observing.follow { observing.owner("172.22.16.55")?.up ?? false }
    }
  }

  @Test func aParentThatComesBackIsAttachedAgain() throws {
    let switchName = Observed.prefix + "switch"
    try Self.observe { observing in
      let old = observing.live.topology.parent
      try observing.run("ping -c 1 -W 1 172.22.16.3; ip link delete ens33")
      try observing.follow { !observing.live.isParentThere }
      #expect(observing.session.attachedCount == 0)
      try observing.run(
        """
        ip -n \(switchName) link add port1 type veth peer name ens33 netns \(observing.lab.specification.prefix)docker01
        ip -n \(switchName) link set port1 master br0 up
        ip link set ens33 up; ip address add 172.22.16.2/24 dev ens33
        """)
      try observing.follow { observing.live.isParentThere && observing.session.attachedCount == 1 }
      let new = observing.live.topology.parent
      #expect(new != old)
      try observing.run("for i in 1 2 3; do ping -c 1 -W 1 172.22.16.3 && exit 0; done; exit 1")
      let report = observing.report()
      for parent in [old, new] {
        #expect(report.counters.contains { $0.interface == parent && $0.direction == .egress })
      }
      #expect(report.interfaces.first?.id == new)
      #expect(report.interfaces.contains { $0.id == old })
      let kinds = report.changes.map(\.kind)
      #expect(kinds.first == .parentGone && kinds.contains(.parentReturned))
    }
  }

  @Test func aParentThatIsRenamedIsStillTheParent() throws {
    try Self.observe { observing in
      // Older kernels rename what is down alone.
      try observing.run(
        "ip link set ens33 name lan0 || { ip link set ens33 down; ip link set ens33 name lan0 up; }")
      try observing.follow { observing.live.topology.parentInterface?.name == "lan0" }
      #expect(observing.live.isParentThere)
      #expect(observing.session.changes.isEmpty)
    }
  }

  /// Listening must not keep a container's namespace alive.
  @Test func aNamespaceEndsWhileItIsObserved() throws {
    let name = Observed.prefix + "ending"
    try Self.observe { observing in
      try Self.add(name, "172.22.16.42", to: observing)
      try observing.follow { observing.isAttached(observing.owner("172.22.16.42")) }
      let child = try #require(observing.owner("172.22.16.42"))
      let mac = try #require(child.mac).description
      let addresses = {
        try observing.lab.run(["bridge", "fdb", "show", "dev", "ens33"], in: "docker01").output
      }
      #expect(try addresses().contains(mac))
      try observing.run("ip netns delete \(name)")
      try observing.follow { observing.owner("172.22.16.42") == nil }
      #expect(!NamespaceScan().namespaces.contains { $0.identity.inode == child.id.namespace })
      #expect(try !addresses().contains(mac))
    }
  }
}
