import BPF
import Foundation
import LinuxNamespaces
import Netlink
import NetworkAddresses
import TestSupport
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// Somebody removes our program while we observe: it is said at once, and not attached again.
@Suite(.serialized) struct HookRemovalTests {
  /// A way to remove ours from the container's `eth0`, and the sides that it takes.
  enum Removal: CaseIterable {
    case link, filter, clsact, otherClsact

    var mechanism: HookMechanism { self == .link ? .tcx : .clsact }
    var sides: [Direction] { self == .link || self == .filter ? [.ingress] : [.ingress, .egress] }
    /// Does it, from within the container but for the link.
    func remove(_ lab: Lab, _ child: InterfaceID, of process: String = "self") throws {
      let command: String
      switch self {
      case .link:
        let programs = try lab.namespace("bbox1").run {
          try Program.attachedTCX(ifindex: child.ifindex, direction: .ingress)
        }
        let id = try #require(try Self.link(of: process, programs.first ?? 0, child.ifindex))
        command = "bpftool link detach id \(id)"
      case .filter: command = "tc filter del dev eth0 ingress"
      case .clsact: command = "tc qdisc del dev eth0 clsact"
      case .otherClsact: command = "tc qdisc del dev eth0 clsact && tc qdisc add dev eth0 clsact"
      }
      let result = try lab.run(["sh", "-c", command], in: "bbox1")
      try #require(result.status == 0, "\(command): \(result.output)")
    }

    /// A process's link by its program and interface: this machine's bpftool does not show the latter.
    private static func link(of process: String, _ program: UInt32, _ ifindex: UInt32) throws -> String? {
      let wanted = ["prog_id:\t\(program)", "ifindex:\t\(ifindex)"]
      for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fdinfo") {
        let lines = (ProcFS.read("/proc/\(process)/fdinfo/\(name)") ?? "").split(separator: "\n").map(
          String.init)
        guard wanted.allSatisfy(lines.contains),
          lines.contains(where: { $0.hasPrefix("attach_type:") && $0.contains("ingress") })
        else {
          continue
        }
        return lines.first { $0.hasPrefix("link_id:\t") }.map { String($0.dropFirst(9)) }
      }
      return nil
    }
  }

  /// Looks as the command does, for two seconds at most, until something was removed; with the time that it took.
  private static func wait(_ session: CaptureSession, count: Int) -> (
    changes: [NetworkChange], seconds: Double
  ) {
    let start = Observed.monotonic()
    var changes: [NetworkChange] = []
    while changes.count < count, Observed.monotonic() - start < 2_000_000_000 * UInt64(Patience.factor) {
      usleep(50_000)
      changes += session.check()
    }
    return (changes, Double(Observed.monotonic() - start) / 1e9)
  }

  @Test(arguments: Removal.allCases) func aRemovalIsSaidWithinASecondAndNotFought(_ removal: Removal) throws {
    try removal.mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      try lab.namespace("docker01").run {
        let scanner = TopologyScanner(parent: "ens33")
        let topology = try scanner.scan()
        let child = try #require(topology.children.first)
        var options = CaptureOptions()
        options.mechanism = removal.mechanism
        let session = try CaptureSession(topology, options: options)
        #expect(session.check().isEmpty && session.hookCount == 4)
        let start = Observed.monotonic()
        try removal.remove(lab, child.id)
        let (changes, seconds) = Self.wait(session, count: removal.sides.count)
        #expect(
          changes.map(\.text)
            == removal.sides.map {
              "somebody removed macvtrace's program from \(child.label), \($0): frames there are no longer seen"
            })
        #expect(
          changes.allSatisfy { $0.kind == .programRemoved && $0.interface == child.id && $0.time > start })
        #expect(seconds < 1.1 * Double(Patience.factor))
        #expect(session.hookCount == 4 - removal.sides.count)
        // A look at the topology attaches what is new, not what was removed.
        session.update(try scanner.scan())
        #expect(session.hookCount == 4 - removal.sides.count && session.check().isEmpty)
        _ = try lab.run(["ping", "-c", "2", "-i", "0.1", "-W", "1", "172.22.16.20"], in: "bbox1")
        session.stop()
        let counted = session.counters().filter { $0.interface == child.id && !$0.destination.isMulticast }
        #expect(!counted.contains { $0.direction == .ingress })
        let sent = counted.filter { $0.direction == .egress }.reduce(0) { $0 + $1.frames }
        #expect(sent >= 2 || removal.sides.contains(.egress), "the other side counts on")
        var observation = Observation(
          tool: ToolInformation(version: "test", command: "test"),
          host: HostInformation(name: "test", kernel: "test"),
          window: ObservationWindow(start: "", end: "", seconds: 0), before: topology, after: topology)
        session.fill(&observation)
        #expect(observation.changes == changes)
        #expect(Set(observation.blindHooks.map(\.hook)) == Set(removal.sides.map { Hook(child.id, $0) }))
        #expect(observation.blindHooks.allSatisfy { $0.since > 0 && $0.since <= Observed.monotonic() })
      }
      let disciplines = try lab.run(["tc", "qdisc", "show", "dev", "eth0"], in: "bbox1").output
      #expect(
        disciplines.contains("clsact") == (removal == .otherClsact), "a clsact of others is never deleted")
    }
  }

  /// Whatever ends with its interface was removed by nobody.
  @Test(
    arguments: HookMechanism.allCases,
    ["ip -n $name link delete eth0", "ip netns delete $name", "ip -n $name link set eth0 netns 1"])
  func anInterfaceThatGoesIsNoRemoval(_ mechanism: HookMechanism, _ command: String) throws {
    try mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      try lab.namespace("docker01").run {
        let scanner = TopologyScanner(parent: "ens33")
        var options = CaptureOptions()
        options.mechanism = mechanism
        let session = try CaptureSession(try scanner.scan(), options: options)
        let name = Observed.prefix + "bbox1"
        let moved = command.replacingOccurrences(
          of: "netns 1", with: "netns \(Observed.prefix)bbox2 name gone0")
        let result = try lab.run(["sh", "-c", "name=\(name)\n" + moved], in: "docker01")
        try #require(result.status == 0, "\(result.output)")
        let changes = Self.wait(session, count: 1).changes
        #expect(changes.isEmpty, "\(changes)")
        session.update(try scanner.scan())
        session.stop()
        #expect(session.check().isEmpty)
      }
    }
  }

  @Test(arguments: Removal.allCases) func theCommandSaysItAtOnceAndInItsReport(_ removal: Removal) throws {
    try removal.mechanism.require()
    try Observed.withLab(LabSpecification()) { lab in
      let child = try #require(
        try lab.namespace("docker01").run { try TopologyScanner(parent: "ens33").scan().children.first })
      let mechanism = removal.mechanism == .tcx ? "tcx" : "clsact"
      let capture = try Background(
        [".build/debug/macvtrace", "attach", "ens33", "--json", "--mechanism", mechanism],
        in: lab.namespace("docker01"))
      try capture.waitFor("attached to ens33")
      try removal.remove(lab, child.id, of: "\(capture.pid)")
      let line = "macvtrace: somebody removed macvtrace's program from \(child.label), ingress"
      try capture.waitFor(line)
      let output = capture.stop()
      #expect(output.components(separatedBy: line).count == 2, "said once")
      let start = try #require(output.range(of: "\n{"))
      let report = try JSONDecoder().decode(Report.self, from: Data(output[start.lowerBound...].utf8))
      #expect(report.changes.filter { $0.kind == .programRemoved }.count == removal.sides.count)
      #expect(report.blindHooks.map(\.hook) == removal.sides.map { Hook(child.id, $0) })
    }
  }

  /// The ping works and nobody sees its answers any more: nothing follows from that.
  @Test func whatIsNoLongerSeenIsNoProblem() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let mechanism = ForeignPrograms.hasTCX ? "tcx" : "clsact"
      let capture = try Background(
        [".build/debug/macvtrace", "attach", "ens33", "--mechanism", mechanism], in: lab.namespace("docker01")
      )
      try capture.waitFor("attached to ens33")
      let removal: Removal = ForeignPrograms.hasTCX ? .link : .filter
      let child = try #require(
        try lab.namespace("docker01").run { try TopologyScanner(parent: "ens33").scan().children.first })
      try removal.remove(lab, child.id, of: "\(capture.pid)")
      // The live view of a build for debugging takes its time.
      try capture.waitFor("somebody removed", seconds: 20)
      let ping = try lab.run(["ping", "-c", "5", "-i", "0.5", "172.22.16.20"], in: "bbox1")
      #expect(ping.status == 0)
      let report = capture.stop()
      #expect(
        report.contains("no problem found in what was seen; at 1 hook not every frame was seen"), "\(report)")
      #expect(
        report.contains("✗ somebody removed macvtrace's program") || report.contains("x somebody removed"))
      #expect(
        report.contains("Somebody removed macvtrace's program from \(child.label), ingress: frames that"))
    }
  }
}
