import Foundation
import LinuxNamespaces
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Causes that a lab of its own would not show on every kernel, or not by itself.
@Suite(.serialized) struct KindTests {
  /// Three ARP requests of docker02 for bbox1, with the tag of VLAN 30.
  private static let tagged = """
    import socket,time
    s=socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("ens33",0)); own=s.getsockname()[4]
    arp=b"\\0\\1\\x08\\0\\6\\4\\0\\1"+own+socket.inet_aton("172.22.16.3")+bytes(6)+socket.inet_aton("172.22.16.10")
    for i in range(3): s.send(b"\\xff"*6+own+b"\\x81\\0\\0\\x1e\\x08\\6"+arp); time.sleep(0.4)
    """

  @Test func tagsOfAnUnknownVLAN() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let observation = try Observed.observe(lab, waiting: 1200) {
        let result = try lab.run(["python3", "-c", Self.tagged], in: "docker02")
        #expect(result.status == 0, "\(result.output)")
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == [Feature.vlan.isPresent ? "unknown-vid" : "8021q-missing"])
      #expect(findings.first?.confidence == .proven, "\(findings)")
    }
  }

  /// The parent was moved before anybody looked: it is found where it is, and set up there.
  @Test func aParentThatWasMovedBefore() throws {
    var specification = LabSpecification()
    specification.stations.append(LabStation("tenant", interface: "ens34"))
    try Observed.withLab(specification) { lab in
      let moved = try lab.run(
        ["ip", "link", "set", "ens33", "netns", Observed.prefix + "tenant"], in: "docker01")
      try #require(moved.status == 0, "\(moved.output)")
      let command =
        "\(Observed.binary) explain --json --from \(Observed.prefix)bbox1 \(Observed.prefix)bbox2 2>/dev/null"
      let explained = try lab.run(["sh", "-c", command], in: "docker01")
      #expect(explained.status == 1)
      let report = try JSONDecoder().decode(Report.self, from: Data(explained.output.utf8))
      #expect(report.findings.map(\.id) == ["parent-moved-netns"], "\(report.findings)")
      #expect(report.findings.first?.confidence == .likely)
      for command in report.findings.first?.fixes.first?.commands ?? [] {
        #expect(try lab.run(["sh", "-c", command], in: "docker01").status == 0, "\(command)")
      }
      let cured = try lab.run(["ping", "-c", "3", "-i", "0.5", "-W", "1", "172.22.16.20"], in: "bbox1")
      #expect(cured.status == 0, "\(cured.output)")
    }
  }
}
