import Glibc
import LinuxNamespaces
import Netlink
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Two or three faults at once.
@Suite(.serialized) struct DoubleFaultTests {
  /// The one that stops the traffic is found first; once its printed commands ran, the next; at the end it passes.
  @Test func oneAfterTheOther() async {
    await FaultTests.forEach(Fault.all.filter { !$0.behind.isEmpty }.map(\.id)) { id, prefix in
      let fault = try #require(Fault.named(id))
      try Observed.withLab(fault.specification, prefix: prefix) { lab in
        let steps = [HiddenFault(fault.cause)] + fault.behind
        for step in steps {
          // What was learned while the network was broken is forgotten, as after a while.
          try FaultTests.forgetNeighbors(lab)
          let explained = Explained()
          try explained.run(lab, fault)
          var record = ScenarioRecord("\(id), \(step.cause)", causes: [step.cause])
          defer { record.write() }
          record.note(explained)
          let findings = explained.report?.findings ?? []
          #expect(explained.status == 1 && findings.map(\.id) == [step.cause], "\(id): \(findings)")
          #expect(findings.first?.confidence == .proven, "\(id): \(findings.map(\.evidence))")
          guard let finding = findings.first, finding.id == step.cause else { return }
          if let remedy = step.remedy {
            let result = try lab.run(["sh", "-c", remedy.command], in: remedy.namespace)
            #expect(result.status == 0, "\(id): \(result.output)")
            record.fix = .elsewhere
          } else {
            #expect(try FaultTests.runFix(of: finding, lab), "\(id): \(finding.fixes)")
            record.fix = .cured
          }
        }
        let result = try lab.run(fault.attempt, in: fault.from)
        #expect(result.status == 0, "\(id), at the end: \(result.output)")
      }
    }
  }

  /// What one traffic fails of says nothing of another's reason.
  @Test func twoTrafficsThatFailForReasonsOfTheirOwn() throws {
    var specification = LabSpecification()
    specification.add("bbox3", host: 0, "172.22.16.30/24", .bridge)
    specification.containers[2].isUp = false
    let pings = [
      ("docker01", "172.22.16.10", "host-to-child-bridge"), ("bbox1", "172.22.16.99", "neighbor-unanswered"),
      ("bbox1", "172.22.16.30", "child-down"),
    ]
    try Observed.withLab(specification) { lab in
      let observation = try Observed.observe(lab, waiting: 400) {
        for (from, to, _) in pings {
          let result = try lab.run(["ping", "-c", "3", "-i", "0.3", "-W", "1", to], in: from)
          #expect(result.status != 0, "\(from) to \(to) must fail")
        }
      }
      let findings = Diagnosis.evaluate(observation).findings
      var record = ScenarioRecord("three traffics", causes: pings.map(\.2))
      record.note(passive: findings)
      record.write()
      #expect(findings.map(\.id).sorted() == pings.map(\.2).sorted(), "\(findings)")
      #expect(findings.allSatisfy { $0.confidence == .proven }, "\(findings)")
    }
  }
}
