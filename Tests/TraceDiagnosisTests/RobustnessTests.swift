import TestSupport
import Testing
import TraceModel

@testable import TraceDiagnosis

/// Records come in any order, twice, or not at all: that may weaken a finding, and never makes another one.
@Suite struct RobustnessTests {
  static let scenarios: [Scenario] = Family.allCases.flatMap { family in
    [ChildMode.bridge, .private, .vepa, .passthru, .source].flatMap {
      [
        HostChildChecks.hostToChild($0, family), HostChildChecks.childToHost($0, family),
        HostChildChecks.reflecting($0, family),
      ]
    } + [
      PrivateSiblingIsolationTests.siblings(
        .private, .private, family, at: PrivateSiblingIsolationTests.returned),
      PrivateSiblingIsolationTests.siblings(
        .vepa, .bridge, family, at: PrivateSiblingIsolationTests.notReturned),
      ChildDownTests.asked(family), NeighborUnansweredTests.asked(family), NoReplyFromWireTests.asked(family),
    ]
  }

  @Test(arguments: scenarios.indices) func theOrderOfRecordsDoesNotMatter(_ index: Int) {
    var scenario = Self.scenarios[index]
    let expected = scenario.findings
    var generator = SplitMix(seed: UInt64(index))
    for _ in 0..<20 {
      scenario.observation.sightings.shuffle(using: &generator)
      #expect(scenario.findings == expected)
    }
  }

  @Test(arguments: scenarios.indices) func recordsThatComeTwiceChangeNoCause(_ index: Int) {
    var scenario = Self.scenarios[index]
    let expected = scenario.ids
    scenario.observation.sightings += scenario.observation.sightings
    #expect(scenario.ids == expected)
  }

  @Test(arguments: scenarios.indices) func aMissingRecordThatIsSaidLeavesNothingProven(_ index: Int) {
    let scenario = Self.scenarios[index]
    let expected = Set(scenario.ids)
    for missing in scenario.observation.sightings.indices {
      var lossy = scenario
      lossy.observation.sightings.remove(at: missing)
      lossy.losesFrames()
      #expect(!lossy.confidences.contains(.proven))
      #expect(expected.isEmpty || Set(lossy.ids).isSubset(of: expected), "without \(missing): \(lossy.ids)")
    }
  }

  @Test(arguments: scenarios.indices) func aWindowThatEndsEarlyFindsNoOtherCause(_ index: Int) {
    let scenario = Self.scenarios[index]
    for tenths in 0...60 {
      var cut = scenario
      let end = Scenario.second * UInt64(tenths) / 10
      cut.observation.window.monotonicEnd = end
      cut.observation.sightings.removeAll { $0.time > end }
      #expect(Set(cut.ids).isSubset(of: scenario.ids), "until \(tenths) tenths: \(cut.ids)")
    }
  }
}
