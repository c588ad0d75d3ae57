import Foundation
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DiagnosisTests {
  static let parentIn = Hook(Scenario.parentID, .ingress)
  static let parentOut = Hook(Scenario.parentID, .egress)
  static let childIn = Hook(Scenario.childID, .ingress)
  static let childOut = Hook(Scenario.childID, .egress)

  @Test(arguments: [
    (ChildMode.bridge, "host-to-child-bridge"), (.private, "host-to-child-private"),
    (.vepa, "host-to-child-vepa"),
    (.passthru, "host-to-child-passthru"), (.source, "host-to-child-source"),
  ]) func theHostsRequestThatNeverArrivesIsProvenByMode(_ mode: ChildMode, _ id: String) throws {
    var scenario = Scenario(mode: mode)
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, at: [Self.parentOut])
    let findings = Diagnosis.evaluate(scenario.observation).findings
    #expect(findings.map(\.id) == [id])
    #expect(findings.first?.confidence == .proven)
  }

  @Test func aRequestThatArrivedIsNoIsolation() {
    var scenario = Scenario()
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, at: [Self.parentOut, Self.parentIn, Self.childIn])
    #expect(Diagnosis.evaluate(scenario.observation).findings.isEmpty)
  }

  @Test func aReflectingSwitchGivesNoFinding() {
    var scenario = Scenario()
    scenario.asks(
      from: 2, mac: Scenario.mac(1), for: 10, times: 1, at: [Self.parentOut, Self.parentIn, Self.childIn])
    scenario.answers(
      from: 10, mac: Scenario.mac(2), to: 2, Scenario.mac(1), second: 1,
      at: [Self.childOut, Self.parentOut, Self.parentIn])
    #expect(Diagnosis.evaluate(scenario.observation).findings.isEmpty)
  }

  @Test func successAfterFailureIsHealthy() {
    var scenario = Scenario()
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, at: [Self.parentOut])
    scenario.answers(from: 10, mac: Scenario.mac(2), to: 2, Scenario.mac(1), second: 4, at: [Self.parentIn])
    #expect(Diagnosis.evaluate(scenario.observation).findings.isEmpty)
  }

  @Test func aRequestThatMayStillBeAnsweredIsNoFailure() {
    var scenario = Scenario(seconds: 1)
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, times: 1, at: [Self.parentOut])
    #expect(Diagnosis.evaluate(scenario.observation).findings.isEmpty)
  }

  @Test func lostRecordsLeaveItLikely() {
    var scenario = Scenario()
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, at: [Self.parentOut])
    scenario.observation.loss.explainingFramesLost = 1
    #expect(Diagnosis.evaluate(scenario.observation).findings.first?.confidence == .likely)
  }

  @Test func theChildsSideHasItsOwnIDInBridgeModeOnly() {
    for (mode, id) in [(ChildMode.bridge, "child-to-host-bridge"), (.private, "host-to-child-private")] {
      var scenario = Scenario(mode: mode)
      scenario.asks(from: 10, mac: Scenario.mac(2), for: 2, at: [Self.childOut, Self.parentOut])
      #expect(Diagnosis.evaluate(scenario.observation).findings.map(\.id) == [id])
    }
  }

  @Test func aDownChildIsFoundOnlyWhenAskedFor() {
    var scenario = Scenario()
    scenario.change(Scenario.childID) { $0.up = false }
    #expect(Diagnosis.evaluate(scenario.observation).findings.isEmpty)
    scenario.asks(from: 3, mac: Scenario.mac(0x99), for: 10, at: [Self.parentIn])
    #expect(Diagnosis.evaluate(scenario.observation).findings.map(\.id) == ["child-down"])
  }

  @Test func aParentWithoutCarrierIsToldFromOneThatIsDown() {
    var scenario = Scenario()
    scenario.change(Scenario.parentID) { $0.carrier = false }
    #expect(Diagnosis.evaluate(scenario.observation).findings.map(\.id) == ["parent-no-carrier"])
    scenario.change(Scenario.parentID) { $0.up = false }
    #expect(Diagnosis.evaluate(scenario.observation).findings.map(\.id) == ["parent-down"])
  }

  @Test func anAddressThatNobodyHasIsProvenOnALiveSegment() {
    var scenario = Scenario()
    scenario.asks(from: 10, mac: Scenario.mac(2), for: 99, at: [Self.childOut, Self.parentOut])
    #expect(Diagnosis.evaluate(scenario.observation).findings.first?.confidence == .likely)
    scenario.segmentIsAlive()
    let finding = Diagnosis.evaluate(scenario.observation).findings.first
    #expect(finding?.id == "neighbor-unanswered" && finding?.confidence == .proven)
  }

  @Test func aSilentNetworkGivesNoFinding() {
    #expect(Diagnosis.evaluate(Scenario().observation).findings.isEmpty)
  }

  @Test func repeatedRequestsAreSeparateTrajectories() {
    var scenario = Scenario()
    scenario.asks(from: 2, mac: Scenario.mac(1), for: 10, times: 3, at: [Self.parentOut, Self.parentIn])
    let trajectories = TrajectoryJoiner.join(scenario.observation.sightings, [])
    #expect(trajectories.map(\.sightings.count) == [2, 2, 2])
  }

  @Test func theCatalogListsEveryRuleOfTheFolder() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/TraceDiagnosis/Rules")
    let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    let sources = try files.filter { $0.hasSuffix(".swift") }.map {
      try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
    }
    let ids = sources.flatMap { source in
      source.matches(of: /RuleCard\(\s*id: "([a-z-]+)"/).map { String($0.1) }
    }
    #expect(Set(ids) == Set(Diagnosis.cards.map(\.id)))
    #expect(ids.count == 14)
  }

  @Test func wordsOfCommandsAreQuoted() {
    #expect(Commands.quoted("ens33.10") == "ens33.10")
    #expect(Commands.quoted("a b; rm") == "'a b; rm'")
    #expect(Commands.quoted("it's") == "'it'\\''s'")
  }
}
