import Testing
import TraceModel

/// What counts as a change between two runs.
@Suite struct RunDifferenceTests {
  private static func verdict(_ before: [Double], _ after: [Double]) -> RunDifference.Verdict? {
    RunDifference([SampleRuns.path("a", before)], [SampleRuns.path("b", after)], circumstances: [])
      .rows.first?.verdict
  }

  @Test func aChangeIsWhatExceedsTheRounds() {
    #expect(Self.verdict([10, 11, 12], [20, 21, 22]) == .better)
    #expect(Self.verdict([20, 21, 22], [10, 11, 12]) == .worse)
    #expect(Self.verdict([10, 20, 30], [25, 35, 45]) == .withinNoise, "the rounds overlap")
    #expect(
      Self.verdict([10, 20, 30], [31, 36, 41]) == .withinNoise, "they are apart by less than they spread")
    #expect(Self.verdict([10, 11], [20, 21]) == .tooFewRounds)
  }

  /// Runs that differ in nothing, as often as it takes to see a rule that sees changes everywhere.
  @Test func noiseAloneIsSeldomAChange() {
    var state: UInt64 = 1
    let random = { () -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40)
    }
    let changes = (0..<2000).count { _ in
      let verdict = Self.verdict([random(), random(), random()], [random(), random(), random()])
      return verdict == .better || verdict == .worse
    }
    #expect(changes < 2000 / 15)
  }

  @Test func runsOfTwoKindsAreNotCompared() {
    let ways = SampleRuns.comparison([SampleRuns.path("macvlan", [1])])
    var overhead = ways
    overhead.subject = .overhead
    #expect(RunDifference(from: .comparison(ways), to: .comparison(overhead)) == nil)
    #expect(RunDifference(from: .comparison(ways), to: .comparison(ways))?.rows.count == 1)
  }

  @Test func whatElseDiffersIsSaid() throws {
    let first = SampleRuns.comparison([SampleRuns.path("macvlan", [1, 1, 1])])
    var second = first
    second.host.kernel = "6.19"
    let difference = try #require(RunDifference(from: .comparison(first), to: .comparison(second)))
    #expect(difference.circumstances == ["kernel: 6.18, then 6.19"])
  }
}
