import Glibc
import LinuxNamespaces
import NetworkAddresses
import TestSupport
import Testing
import TraceDiagnosis
import TraceLab
import TraceModel

/// Every fault of the lab on the real kernel: found, proven, and cured by the printed commands.
@Suite(.serialized) struct FaultTests {

  /// How many at a time: emulated machines, for which one waits longer, have their hands full with two.
  private static let side = Patience.factor > 1 ? 2 : 8

  static func ids(_ topology: LabTopology, passing: Bool, _ requirement: LabRequirement? = nil) -> [[String]]
  {
    let all = Fault.all.filter {
      $0.topology == topology && $0.passes == passing && !$0.isFlawed && $0.behind.isEmpty
        && $0.requirement == requirement
    }.map(\.id)
    return stride(from: 0, to: all.count, by: side).map { Array(all[$0..<min($0 + side, all.count)]) }
  }

  /// Runs it for each, as many labs side by side as there are processors: most of the time is waited.
  static func forEach(
    _ ids: [String], _ body: @escaping @Sendable (_ id: String, _ prefix: String) throws -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      for (lane, id) in ids.enumerated() {
        group.addTask {
          do {
            try body(id, "\(Observed.prefix)\(lane)-")
          } catch {
            Issue.record(error, "\(id)")
          }
        }
      }
    }
  }

  @Test(arguments: ids(.flat, passing: false)) func areFoundAndCured(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectFound)
  }

  @Test(.needs(.vlan && .bridgeVLANs), arguments: ids(.vlan, passing: false))
  func areFoundAndCuredOnATrunk(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectFound)
  }

  @Test(.needs(.ipvlan), arguments: ids(.flat, passing: false, .ipvlan))
  func areFoundAndCuredWithIPvlan(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectFound)
  }

  @Test(.needs(.dummy), arguments: ids(.flat, passing: false, .dummy))
  func areFoundAndCuredWithDummies(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectFound)
  }

  @Test(.needs(.ipvlan), arguments: ids(.flat, passing: true, .ipvlan))
  func healthyIPvlanIsSilent(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectSilence)
  }

  /// One after the other, as they share the machine.
  @Test(.needs(.ownMachine), arguments: Fault.ofTheWholeMachine.map(\.id))
  func ofTheWholeMachineAreFoundAndCured(_ id: String) throws {
    try Self.expectFound(id, Observed.prefix)
  }

  @Sendable static func expectFound(_ id: String, _ prefix: String) throws {
    let fault = try #require(Fault.named(id) ?? Fault.ofTheWholeMachine.first { $0.id == id })
    try Observed.withMachine(of: fault) { try expectFound(fault, prefix, sysfs: $0) }
  }

  private static func expectFound(_ fault: Fault, _ prefix: String, sysfs: String?) throws {
    let id = fault.id
    var record = ScenarioRecord(
      id, causes: [fault.cause], explainedCauses: [fault.explainedAs ?? fault.cause])
    defer { record.write() }
    try Observed.withLab(fault.specification, prefix: prefix) { lab in
      let explained = Explained()
      let observation = try Observed.observe(lab, parent: fault.parent, waiting: 400, sysfs: sysfs) {
        // What another host sends of its own is live traffic here.
        if fault.from == "docker02" || fault.script != nil {
          let result = try lab.run(fault.attempt(prefix: prefix), in: fault.from)
          #expect(result.status != 0, "\(id): the traffic must fail")
          // An answer may take a second.
          usleep(1_000_000)
        } else {
          try explained.run(lab, fault, sysfs: sysfs)
        }
      }
      let seen = Diagnosis.evaluate(observation).findings
      if fault.isSeenPassively { record.note(passive: seen) }
      if explained.report != nil { record.note(explained) }
      #expect(
        seen.map(\.id) == (fault.isSeenPassively ? [fault.cause] : []), "\(id), seen passively: \(seen)")
      let finding = try #require(explained.report?.findings.first ?? seen.first)
      if let report = explained.report {
        #expect(explained.status == 1, "\(id)")
        #expect(
          report.findings.map(\.id) == [fault.explainedAs ?? fault.cause],
          "\(id), explained: \(report.findings)")
        #expect(report.explanation?.works == false && report.explanation?.path.isEmpty == false, "\(id)")
      }
      // What one host alone sees is proven or not as before; explain may have seen the other end, too.
      let judged = fault.otherEndMayProve ? try #require(seen.first) : finding
      #expect((judged.confidence == .proven) == fault.isProven, "\(id): \(judged.evidence)")
      record.fix = try Self.cure(
        lab, finding, fault.attempt(prefix: prefix), from: fault.from, settling: fault.settling)
    }
  }

  private static func flawed(_ topology: LabTopology) -> [String] {
    Fault.all.filter { $0.isFlawed && $0.topology == topology }.map(\.id)
  }

  @Test(arguments: flawed(.flat)) func isFoundThoughTrafficPasses(_ id: String) throws {
    try Self.expectFoundPassing(id, Observed.prefix)
  }

  @Test(.needs(.vlan && .bridgeVLANs), arguments: flawed(.vlan))
  func isFoundOnATrunkThoughTrafficPasses(_ id: String) throws {
    try Self.expectFoundPassing(id, Observed.prefix)
  }

  @Sendable static func expectFoundPassing(_ id: String, _ prefix: String) throws {
    let fault = try #require(Fault.named(id))
    var record = ScenarioRecord(id, causes: [fault.cause])
    defer { record.write() }
    try Observed.withLab(fault.specification, prefix: prefix) { lab in
      let attempt = fault.attempt(prefix: prefix)
      let observation = try Observed.observe(lab, parent: fault.parent, waiting: 300) {
        let result = try lab.run(attempt, in: fault.from)
        #expect(result.status == 0, "\(id): the traffic must pass: \(result.output)")
      }
      let findings = Diagnosis.evaluate(observation).findings
      record.note(passive: findings)
      #expect(
        findings.map(\.id) == [fault.cause] && findings.first?.confidence == .proven, "\(id): \(findings)")
      record.fix = try Self.cure(
        lab, try #require(findings.first), attempt, from: fault.from, blocks: fault.cureBlocks)
    }
  }

  /// Runs the first commands that the finding prints; `false` where it has none.
  @discardableResult static func runFix(of finding: Finding, _ lab: Lab) throws -> Bool {
    guard let fix = finding.fixes.first(where: { !$0.commands.isEmpty }) else { return false }
    for command in fix.commands {
      let result = try lab.run(["sh", "-c", command], in: "docker01")
      #expect(result.status == 0, "\(finding.id): \(command): \(result.output)")
    }
    return true
  }

  /// Runs the first commands that the finding prints and sees the traffic pass.
  static func cure(
    _ lab: Lab, _ finding: Finding, _ attempt: [String], from name: String, settling: UInt32 = 0,
    blocks: Bool = false
  ) throws -> ScenarioRecord.FixOutcome {
    guard try runFix(of: finding, lab) else { return .elsewhere }
    sleep(settling)
    var outputs: [String] = []
    // Twice, as people do: once in some sixty runs a first attempt was lost, why is not known.
    for _ in 0..<2 {
      // A fresh start, as after a while: what was learned while the network was broken is forgotten.
      try forgetNeighbors(lab)
      let cured = try lab.run(attempt, in: name)
      if (cured.status != 0) == blocks { return .cured }
      outputs += [cured.output, try state(of: lab)]
    }
    Issue.record("\(finding.id), after \(finding.fixes): \(outputs.joined(separator: "\n"))")
    return .failed
  }

  /// What docker01's containers know and drop, for whoever has to find out why a fix did not help.
  private static func state(of lab: Lab) throws -> String {
    let look = """
      ip neigh; ip route show cache; nft list ruleset; iptables-save -c; cat /proc/net/nf_conntrack
      """
    return try lab.specification.containers.filter { $0.host == 0 }.map { container in
      "\(container.name): \(try lab.run(["sh", "-c", look], in: container.name).output)"
    }.joined(separator: "\n")
  }

  /// Has the hosts and docker01's containers forget the neighbors that they learned.
  static func forgetNeighbors(_ lab: Lab) throws {
    let own = lab.specification.containers.filter { $0.host == 0 }.map(\.name)
    let hosts = lab.specification.stations.map(\.name)
    for name in hosts + own { _ = try lab.run(["ip", "neigh", "flush", "all"], in: name) }
  }

  @Test(arguments: [
    "host-to-child-bridge", "host-to-child-private", "host-to-child-vepa", "host-to-child-passthru",
  ])
  func isFoundAndCuredOverIPv6(_ id: String) throws {
    let fault = try #require(Fault.named(id))
    try Observed.withLab(fault.specification) { lab in
      try Observed.addIPv6(lab)
      let attempt = ["ping", "-c", "3", "-i", "0.5", "-W", "1", "fd16::10"]
      let observation = try Observed.observe(lab, parent: fault.parent, waiting: 300) {
        let result = try lab.run(attempt, in: fault.from)
        #expect(result.status != 0, "the traffic must fail")
      }
      let findings = Diagnosis.evaluate(observation).findings
      #expect(findings.map(\.id) == [id], "\(findings)")
      let finding = try #require(findings.first)
      #expect(finding.confidence == .proven && finding.fixes.contains { !$0.commands.isEmpty })
      #expect(try Self.cure(lab, finding, attempt, from: fault.from) == .cured)
    }
  }

  @Test(arguments: ids(.flat, passing: true)) func healthyNetworksAreSilent(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectSilence)
  }

  @Test(
    .needs(.vlan && .bridgeVLANs), arguments: ids(.vlan, passing: true))
  func healthyTrunksAreSilent(_ ids: [String]) async {
    await Self.forEach(ids, Self.expectSilence)
  }

  @Sendable static func expectSilence(_ id: String, _ prefix: String) throws {
    let network = try #require(Fault.named(id))
    try Observed.withMachine(of: network) { try expectSilence(network, prefix, sysfs: $0) }
  }

  private static func expectSilence(_ network: Fault, _ prefix: String, sysfs: String?) throws {
    let id = network.id
    var record = ScenarioRecord(id, causes: [])
    defer { record.write() }
    try Observed.withLab(network.specification, prefix: prefix) { lab in
      let explained = Explained()
      let observation = try Observed.observe(lab, parent: network.parent, waiting: 400, sysfs: sysfs) {
        let result = try lab.run(network.attempt(prefix: prefix), in: network.from)
        #expect(result.status == 0, "\(id): the traffic must pass: \(result.output)")
        if network.script == nil { try explained.run(lab, network, sysfs: sysfs) }
      }
      if network.script == nil {
        record.note(explained)
        #expect(
          explained.status == 0 && explained.report?.explanation?.works == true,
          "\(id): status \(explained.status), \(String(describing: explained.report?.explanation))")
        #expect(explained.report?.findings == [], "\(id)")
      }
      let findings = Diagnosis.evaluate(observation).findings
      record.note(passive: findings)
      #expect(findings.isEmpty, "\(id): \(findings.map { ($0.id, $0.evidence) })")
      if network.script != nil { return }
      let echo: UInt8 = network.to.contains(":") ? 58 : 1
      let number = network.port == nil ? echo : 6
      #expect(
        observation.sightings.contains { $0.frame.ip?.protocol == number }, "the traffic must have been seen")
    }
  }
}
