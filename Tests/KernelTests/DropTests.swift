import BPF
import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel
import TraceReport

/// A frame that the kernel frees ends its trajectory, with the reason that the running kernel names.
@Suite(.serialized) struct DropTests {
  /// What frees a datagram that docker02 sends to bbox1, after bbox1's ingress hook.
  enum Cause: Sendable {
    case closedPort, firewall, tcFilter

    var reason: String {
      switch self {
      case .closedPort: "NO_SOCKET"
      case .firewall: "NETFILTER_DROP"
      case .tcFilter: "TC_INGRESS"
      }
    }

    func prepare(_ lab: Lab) throws {
      switch self {
      case .closedPort: break
      case .firewall:
        let rules = """
          add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c udp dport 9 drop
          """
        let result = try lab.run(["nft", rules], in: "bbox1")
        try #require(result.status == 0, "\(result.output)")
      case .tcFilter:
        // The asker must know the MAC address: the filter drops ARP too.
        _ = try lab.run(["ping", "-c", "1", "-W", "2", "172.22.16.10"], in: "docker02")
        try lab.namespace("bbox1").run {
          let socket = try NetlinkSocket()
          let ifindex = try socket.link(named: "eth0").ifindex
          // TC_ACT_SHOT (include/uapi/linux/pkt_cls.h).
          let program = try Program.load([.set(0, 2), .exit], name: "drop")
          let filter = BPFFilter(
            ifindex: ifindex, direction: .ingress, priority: 1, handle: 1, name: "drop")
          let made = try socket.apply([
            .addClsact(ifindex: ifindex), .addFilter(filter, programDescriptor: program.fileDescriptor),
          ])
          try #require(made.allSatisfy { $0 == nil }, "\(made)")
        }
      }
    }
  }

  @Test(arguments: [Cause.closedPort, .firewall, .tcFilter])
  func aDropEndsItsTrajectoryWithItsReason(_ cause: Cause) throws {
    try Observed.withLab(LabSpecification()) { lab in
      try cause.prepare(lab)
      let observation = try Observed.observe(lab, waiting: 100) {
        let sent = try lab.run(["bash", "-c", "echo x > /dev/udp/172.22.16.10/9"], in: "docker02")
        #expect(sent.status == 0, "\(sent.output)")
      }
      let child = try #require(observation.before.children.first { $0.owns(.v4(0xac16_100a)) })
      let isDatagram = { (frame: Frame?) in
        frame?.ip?.destination == .v4(0xac16_100a) && frame?.ip?.protocol == 17
      }
      let trajectories = TrajectoryJoiner.join(observation.sightings, observation.drops).filter {
        isDatagram($0.frame)
      }
      let trajectory = try #require(trajectories.first, "\(observation.drops)")
      #expect(trajectories.count == 1)
      #expect(
        trajectory.sightings.map(\.hook) == [
          Hook(observation.before.parent, .ingress), Hook(child.id, .ingress),
        ])
      let drop = try #require(trajectory.drops.first, "\(observation.drops)")
      #expect(trajectory.drops.count == 1)
      #expect(drop.reason == cause.reason && drop.location != nil)
      #expect(drop.interface == child.id && drop.packetID == trajectory.packetID)
      #expect(isDatagram(drop.frame), "what was dropped is read from the buffer itself")
      #expect(drop.time > trajectory.sightings[1].time, "it ends there")
    }
  }

  /// The host's own ping waits for a neighbor that never answers: no hook saw it, the drop alone tells.
  @Test func aFrameThatNoHookSawIsKnownByItsDrop() throws {
    try Observed.withLab(LabSpecification()) { lab in
      // The kernel gives up after three requests: not three seconds, but a third of one.
      try lab.namespace("docker01").run {
        try ProcFS.write("/proc/sys/net/ipv4/neigh/ens33/retrans_time_ms", "100")
      }
      let observation = try Observed.observe(lab, waiting: 100) {
        let result = try lab.run(["ping", "-c", "1", "-W", "1", "172.22.16.10"], in: "docker01")
        #expect(result.status != 0)
      }
      let echo = TrajectoryJoiner.join(observation.sightings, observation.drops).filter {
        $0.frame?.ip?.destination == .v4(0xac16_100a)
      }
      #expect(echo.count == 1 && echo.allSatisfy { $0.sightings.isEmpty })
      #expect(echo.flatMap(\.drops).map(\.reason) == ["NEIGH_FAILED"], "\(observation.drops)")
    }
  }

  /// Nobody takes a frame for a child that is down: the host frees it as somebody else's.
  @Test func aDropIsEvidenceInTheReport() throws {
    var specification = LabSpecification()
    specification.containers[0].isUp = false
    try Observed.withLab(specification) { lab in
      let child = try lab.namespace("bbox1").run { try NetlinkSocket().link(named: "eth0").mac }
      let result = try lab.run(
        ["ip", "neighbor", "add", "172.22.16.10", "lladdr", "\(try #require(child))", "dev", "ens33"],
        in: "docker02")
      try #require(result.status == 0, "\(result.output)")
      let observation = try Observed.observe(lab, waiting: 300) {
        let result = try lab.run(["ping", "-c", "1", "-W", "1", "172.22.16.10"], in: "docker02")
        #expect(result.status != 0)
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == ["child-down"], "\(observation.drops)")
      let report = Report(of: observation, findings: findings)
      let json = String(decoding: try JSONReport.render(report), as: UTF8.self)
      #expect(json.contains("1 of them freed: OTHERHOST at ip_rcv_core"), "\(json)")
    }
  }
}
