import LinuxNamespaces
import NetworkAddresses
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Every fault of the lab on the real kernel: found, proven, and cured by the printed commands.
@Suite(.serialized) struct FaultTests {
  static let faults = Fault.all.filter { !$0.passes }.map(\.id)
  static let healthy = Fault.all.filter(\.passes).map(\.id)

  @Test(arguments: faults) func isFoundAndCured(_ id: String) throws {
    let fault = try #require(Fault.named(id))
    try Observed.withLab(fault.specification) { lab in
      let observation = try Observed.observe(lab, waiting: 1200) {
        let result = try lab.run(fault.attempt, in: fault.from)
        #expect(result.status != 0, "the traffic must fail")
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == [id], "\(findings)")
      let finding = try #require(findings.first)
      #expect(finding.confidence == .proven, "\(finding.evidence)")
      guard let fix = finding.fixes.first(where: { !$0.commands.isEmpty }) else { return }
      for command in fix.commands {
        let result = try lab.run(["sh", "-c", command], in: "docker01")
        #expect(result.status == 0, "\(command): \(result.output)")
      }
      // A fresh start, as after a while: what was learned while the network was broken is forgotten.
      for name in ["docker01", "bbox1"] { _ = try lab.run(["ip", "neigh", "flush", "all"], in: name) }
      let cured = try lab.run(fault.attempt, in: fault.from)
      #expect(cured.status == 0, "after \(fix.commands): \(cured.output)")
    }
  }

  @Test(arguments: healthy) func healthyNetworkIsSilent(_ id: String) throws {
    let network = try #require(Fault.named(id))
    try Observed.withLab(network.specification) { lab in
      let observation = try Observed.observe(lab, waiting: 1200) {
        let result = try lab.run(network.attempt, in: network.from)
        #expect(result.status == 0, "the traffic must pass: \(result.output)")
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.isEmpty, "\(findings.map { ($0.id, $0.evidence) })")
      #expect(observation.sightings.contains { $0.frame.ip?.protocol == 1 }, "the pings must have been seen")
    }
  }
}
