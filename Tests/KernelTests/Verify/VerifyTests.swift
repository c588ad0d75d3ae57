import NetworkAddresses
import TestSupport
import Testing
import TraceLab
import TraceModel

/// `macvtrace verify` on trunks with a router: what works, what does not, and why.
@Suite(.serialized, .needs(.vlan && .bridgeVLANs)) struct VerifyTests {
  /// Works, then not, then again by what is printed; what is sent meanwhile is gone with it.
  @Test func aWayThatIsClosedIsFoundAndOpenedAgain() throws {
    try Observed.withLab(LabTopology.vlan.specification) { lab in
      let works = try Verified(lab)
      #expect(works.status == 0, "\(works.text)")
      for (from, to) in [(UInt16(10), UInt16(20)), (20, 10)] {
        #expect(try works.path(from, to).verdict == .routed, "\(works.text)")
        #expect(try works.failing(from, to) == [:], "\(works.text)")
        // Nothing but the policy and IPv6, of which there is none, is left open.
        let open = try works.path(from, to).claims.filter { $0.outcome == .unproven }.map(\.number)
        #expect(open == [19, 20], "\(works.text)")
      }
      #expect(works.report.findings == [])

      try VerifyScenario.run([("router", "sysctl -qw net.ipv4.ip_forward=0")], in: lab)
      let closed = try Verified(lab)
      #expect(closed.status == 1)
      #expect(try closed.failing(10, 20)[21] == "ip-forward-0", "\(closed.text)")
      // What is printed is run as it stands, but for the lab's names.
      for command in closed.report.findings.first?.fixes.first?.commands ?? ["false"] {
        let result = try lab.run(["sh", "-ec", command], in: "docker01")
        #expect(result.status == 0, "\(command): \(result.output)")
      }
      let opened = try Verified(lab)
      #expect(opened.status == 0, "\(opened.text)")
      try Self.expectNothingLeft(lab)
    }
  }

  /// No filter, no port, no promiscuous mode.
  private static func expectNothingLeft(_ lab: Lab) throws {
    for name in ["docker01", "bbox10", "bbox21", "router"] {
      let left = try lab.run(["sh", "-c", "tc qdisc show | grep clsact; ss -Hltun"], in: name)
      #expect(left.output == "", "\(name): \(left.output)")
    }
    let promiscuous = try lab.run(
      ["sh", "-c", "ip -d link show ens33 | grep -c 'promiscuity [1-9]'"], in: "docker01")
    let before = promiscuous.output
    _ = try Verified(lab)
    let after = try lab.run(
      ["sh", "-c", "ip -d link show ens33 | grep -c 'promiscuity [1-9]'"], in: "docker01")
    #expect(after.output == before)
  }
}
