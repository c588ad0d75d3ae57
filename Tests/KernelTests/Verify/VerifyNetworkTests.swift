import Foundation
import Netlink
import NetworkAddresses
import TestSupport
import Testing
import TraceLab
import TraceModel

/// `macvtrace verify` where the network, or what is asked, is another one.
@Suite(.serialized, .needs(.vlan && .bridgeVLANs)) struct VerifyNetworkTests {
  private static func expect(_ commands: [(String, String)], in lab: Lab) throws {
    try VerifyScenario.run(commands, in: lab)
  }

  /// IPv6 beside IPv4, then broken alone.
  @Test func theOtherFamilyIsVerifiedAsWell() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      try Self.expect(
        [
          ("router", "sysctl -qw net.ipv6.conf.all.forwarding=1"),
          ("router", "for v in 10 20; do ip address add fd00:$v::1/64 dev r0.$v nodad; done"),
          ("bbox10", "ip address add fd00:10::10/64 dev eth0 nodad; ip route add default via fd00:10::1"),
          ("bbox21", "ip address add fd00:20::21/64 dev eth0 nodad; ip route add default via fd00:20::1"),
        ], in: lab)
      let works = try Verified(lab)
      #expect(works.status == 0, "\(works.text)")
      #expect(try works.outcome(19) == .pass && works.outcome(19, 20, 10) == .pass, "\(works.text)")
      try Self.expect([("router", "sysctl -qw net.ipv6.conf.all.forwarding=0")], in: lab)
      let closed = try Verified(lab)
      #expect(closed.status == 1)
      #expect(try closed.failing(10, 20)[19] == "ip-forward-0", "\(closed.text)")
      #expect(try closed.path(10, 20).verdict == .routed, "\(closed.text)")
    }
  }

  /// The router is a container on the same host: what it passes on never leaves.
  @Test func aRouterOnTheHostItselfIsFollowedInside() throws {
    var specification = LabTopology.vlan.specification
    specification.add("rbox", host: 0, on: "ens33.10", "172.16.10.254/24", .bridge)
    try Observed.withLab(specification) { lab in
      let name = lab.specification.prefix + "rbox"
      try Self.expect(
        [
          ("docker01", "ip link add link ens33.20 name eth1 netns \(name) type macvlan mode bridge"),
          (
            "rbox",
            "ip link set eth1 up; ip address add 172.16.20.254/24 dev eth1; sysctl -qw net.ipv4.ip_forward=1"
          ),
          ("bbox10", "ip route replace default via 172.16.10.254"),
          ("bbox21", "ip route replace default via 172.16.20.254"),
        ], in: lab)
      let choice = "--from 10=\(lab.specification.prefix)bbox10 --from 20=\(lab.specification.prefix)bbox21"
      let works = try Verified(lab, choice)
      #expect(works.status == 0, "\(works.text)")
      #expect(try works.path(10, 20).verdict == .routed && works.failing(10, 20) == [:], "\(works.text)")
      #expect(try works.outcome(21) == .pass && works.outcome(16) == .pass, "\(works.text)")
      try Self.expect([("rbox", "sysctl -qw net.ipv4.ip_forward=0")], in: lab)
      let closed = try Verified(lab, choice)
      #expect(try closed.path(10, 20).verdict == .blocked, "\(closed.text)")
      #expect(try closed.failing(10, 20)[21] == "ip-forward-0", "\(closed.text)")
    }
  }

  /// Answers come by another router than the requests went by.
  @Test func anotherWayBackIsSaid() throws {
    var specification = LabTopology.vlan.specification
    var second = LabStation("router2", interface: "r0")
    second.forwards = true
    for number in [UInt16(10), 20] {
      second.addVLAN(try #require(VLANID(number)), address: "172.16.\(number).2/24")
    }
    specification.stations.append(second)
    try Observed.withLab(specification) { lab in
      try Self.expect([("bbox21", "ip route replace default via 172.16.20.2")], in: lab)
      let found = try Verified(lab)
      #expect(try found.path(10, 20).verdict == .asymmetric, "\(found.text)")
      #expect(try found.failing(10, 20)[9] == "asymmetric-path", "\(found.text)")
    }
  }

  @Test(.needs(.netem)) func aSlowRouterIsMeasuredAndALossyOneNamed() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      try Self.expect([("router", "tc qdisc add dev r0 root netem delay 40ms")], in: lab)
      let slow = try Verified(lab)
      #expect(try slow.path(10, 20).verdict == .routed, "\(slow.text)")
      #expect((try slow.path(10, 20).hopLatency?.p50 ?? 0) >= 40_000, "\(slow.text)")
      #expect(try slow.failing(10, 20) == [:], "\(slow.text)")
      try Self.expect([("router", "tc qdisc replace dev r0 root netem loss 40%")], in: lab)
      let lossy = try Verified(lab)
      #expect(try lossy.path(10, 20).verdict == .routed, "\(lossy.text)")
      let claim = try #require(try lossy.path(10, 20).claims.first { $0.number == 14 })
      #expect(claim.outcome == .fail && claim.text.contains("router"), "\(lossy.text)")
    }
  }

  /// What a policy wants decides the exit status.
  @Test func aPolicyTurnsItIntoACheck() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let file = FileManager.default.temporaryDirectory.appending(path: "policy-\(UUID().uuidString).yaml")
      defer { try? FileManager.default.removeItem(at: file) }
      let verify = { (policy: String) throws -> Verified in
        try Data(policy.utf8).write(to: file)
        return try Verified(lab, "--policy \(file.path())")
      }
      let open = try verify("routed: [10 <-> 20]\n")
      #expect(open.status == 0, "\(open.text)")
      #expect(try open.outcome(20) == .pass)
      let unwanted = try verify("blocked: [10 -> 20]\n")
      #expect(unwanted.status == 1)
      #expect(try unwanted.path(10, 20).agreesWithPolicy == false && unwanted.outcome(20) == .fail)
      // Of a VLAN that is not there nothing can be said: that is no agreement, and no report.
      #expect(throws: (any Error).self) { try verify("blocked: [10 -> 30]\n") }
      try Self.expect([("router", "iptables -P FORWARD DROP")], in: lab)
      let closed = try verify("others: blocked\n")
      #expect(closed.status == 0 && closed.report.findings == [], "\(closed.text)")
    }
  }

  /// Nothing is sent, and live traffic gives the same verdicts.
  @Test func liveTrafficGivesTheSameVerdicts() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let wait = Patience.times(4)
      let quiet = try Verified(lab, "--passive --duration 2s")
      #expect(quiet.report.vlanPaths.allSatisfy { $0.verdict == .unobserved }, "\(quiet.text)")
      #expect(quiet.status == 0 && quiet.report.verification?.probes == 0)
      let ping = try Background(
        ["ping", "-i", "0.3", "-w", "\(wait * 20)", "172.16.20.21"], in: try lab.namespace("bbox10"))
      defer { ping.stop() }
      let live = try Verified(lab, "--passive --duration \(wait)s")
      #expect(live.report.vlanPaths.allSatisfy { $0.verdict == .routed }, "\(live.text)")
      #expect(live.report.verification?.probes == 0 && live.report.verification?.strays == 0)
      #expect(try live.outcome(5) == .pass && live.outcome(15) == .unproven, "\(live.text)")
    }
  }

  /// What one host leaves open, the other one has seen.
  @Test func twoHostsFilesAreJoined() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let folder = FileManager.default.temporaryDirectory.appending(path: "macvtrace-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let other = try Background(
        [Observed.binary, "attach", "ens33", "--output", folder.path() + "/docker02"],
        in: try lab.namespace("docker02"))
      try other.waitFor("attached to")
      let alone = try Verified(lab, "--from 20=172.16.20.20 --output \(folder.path())/docker01")
      other.stop()
      #expect(try alone.path(10, 20).verdict == .routed, "\(alone.text)")
      for number in [5, 6, 7, 8, 13] {
        #expect(try alone.outcome(number) == .unproven, "\(number): \(alone.text)")
      }
      let result = try lab.run(
        ["sh", "-c", "\(Observed.binary) report --json \(folder.path())/docker01 \(folder.path())/docker02"],
        in: "docker01")
      let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
      let path = try #require(report.vlanPaths.first { $0.from.rawValue == 10 && !$0.claims.isEmpty })
      for number in 5...13 {
        let claim = try #require(path.claims.first { $0.number == number })
        #expect(claim.outcome == .pass, "claim \(number): \(claim.text)")
      }
      #expect(path.evidence.contains { $0.contains("can be wrong by") }, "\(path.evidence)")
      #expect((path.hopLatency?.p50 ?? 0) > 0)
      #expect(report.findings == [], "\(report.findings.map(\.title))")
    }
  }
}
