import Foundation
import LinuxNamespaces
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// What the faults of filters and services do not show: IPv6, UDP, and two at once.
@Suite(.serialized) struct FilteringTests {
  static func siblings() throws -> LabSpecification {
    try #require(Fault.named("healthy-siblings")).specification
  }

  static func run(_ lab: Lab, _ name: String, _ command: String) throws {
    let result = try lab.run(["sh", "-ec", command], in: name)
    #expect(result.status == 0, "\(command): \(result.output)")
  }

  /// A firewall that forgets neighbor discovery: nothing is found at all.
  @Test func neighborDiscoveryIsFiltered() throws {
    try Observed.withLab(try Self.siblings()) { lab in
      try Observed.addIPv6(lab)
      try Self.run(
        lab, "bbox3",
        "nft add table inet own; nft 'add chain inet own in { type filter hook input priority 0; policy drop; }'"
      )
      let attempt = ["ping", "-c", "3", "-i", "0.5", "-W", "1", "fd16::30"]
      let observation = try Observed.observe(lab, waiting: 1200) {
        let result = try lab.run(attempt, in: "bbox1")
        #expect(result.status != 0)
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == ["container-firewall"], "\(findings)")
      #expect(findings.first?.confidence == .proven)
      #expect(findings.first?.fixes.first?.commands.first?.contains("nd-neighbor-solicit") == true)
    }
  }

  /// Two faults that have nothing to do with each other are two findings.
  @Test func twoFaultsAreTwoFindings() throws {
    try Observed.withLab(try Self.siblings()) { lab in
      try Self.run(lab, "bbox3", "iptables -A INPUT -p icmp -j REJECT")
      try Self.run(lab, "bbox1", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
      let observation = try Observed.observe(lab, waiting: 1200) {
        for (from, to) in [("bbox1", "172.22.16.30"), ("docker02", "172.22.16.10")] {
          _ = try lab.run(["ping", "-c", "2", "-i", "0.5", "-W", "1", to], in: from)
        }
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == ["container-firewall", "icmp-ignored"], "\(findings)")
      #expect(findings.allSatisfy { $0.confidence == .proven })
    }
  }

  @Test(arguments: [false, true]) func datagramsThatNobodyTakes(_ isFiltered: Bool) throws {
    try Observed.withLab(try Self.siblings()) { lab in
      if isFiltered { try Self.run(lab, "bbox3", "iptables -A INPUT -p udp --dport 5300 -j DROP") }
      let command =
        ".build/debug/macvtrace explain --json --from \(Observed.prefix)bbox1 --protocol udp --port 5300 172.22.16.30"
      let result = try lab.run(["sh", "-c", "\(command) 2>/dev/null"], in: "docker01")
      let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
      #expect(result.status == 1)
      #expect(
        report.findings.map(\.id) == [isFiltered ? "container-firewall" : "no-listener"], "\(report.findings)"
      )
      #expect(report.findings.first?.confidence == .proven)
    }
  }
}
