import Foundation
import NetworkAddresses
import Testing
import TraceModel

@testable import TraceDiagnosis

@Suite struct DiagnosisTests {
  @Test func aSilentNetworkGivesNoFinding() {
    #expect(Scenario().ids.isEmpty)
  }

  @Test func repeatedRequestsAreSeparateTrajectories() {
    var scenario = Scenario()
    scenario.asks(
      from: 2, mac: Scenario.parentMAC, for: 10, times: 3, at: [Scenario.parentOut, Scenario.parentIn])
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
      source.matches(of: /RuleCard\(\s*id: "([a-z0-9-]+)"/).map { String($0.1) }
    }
    #expect(Set(ids) == Set(Diagnosis.cards.map(\.id)))
    #expect(ids.count == 35)
    // And each has tests of its own, in a file of its name.
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let rules = sources.filter { $0.contains("RuleCard(") }.count
    let names = FileManager.default.enumerator(atPath: tests.path)?.allObjects as? [String] ?? []
    for file in files where file.hasSuffix(".swift") {
      let source = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      guard source.contains("RuleCard(") else { continue }
      #expect(names.contains(file.dropLast(".swift".count) + "Tests.swift"), "\(file)")
    }
    #expect(rules == ids.count)
  }

  @Test func wordsOfCommandsAreQuoted() {
    #expect(Commands.quoted("ens33.10") == "ens33.10")
    #expect(Commands.quoted("a b; rm") == "'a b; rm'")
    #expect(Commands.quoted("it's") == "'it'\\''s'")
  }
}
