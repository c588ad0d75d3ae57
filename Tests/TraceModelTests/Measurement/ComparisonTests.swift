import Testing
import TraceModel

/// Ratios between paths, round by round.
@Suite struct ComparisonTests {
  @Test func aDriftThatAllPathsHaveFallsOutOfTheRatio() throws {
    // Each round is half as fast as the one before; the bridge has always half of the macvlan's rate.
    let run = SampleRuns.comparison([
      SampleRuns.path("macvlan", [8e9, 4e9, 2e9]), SampleRuns.path("bridge", [4e9, 2e9, 1e9]),
    ])
    let ratio = try #require(run.ratios.first)
    #expect(run.ratios.count == 1 && ratio.path == "bridge" && ratio.metric == "tcp_forward")
    #expect(ratio.ratio == Spread([0.5, 0.5, 0.5]))
    #expect(ratio.value.minimum == 1e9 && ratio.value.maximum == 4e9)
  }

  @Test func aRoundThatOnePathLacksIsNotCompared() throws {
    let run = SampleRuns.comparison([
      SampleRuns.path("macvlan", [8e9, 4e9]), SampleRuns.path("bridge", [4e9]),
      MeasuredPath("ipvlan", missing: "this kernel lacks it"),
    ])
    #expect(run.ratios.map(\.path) == ["bridge"])
    #expect(run.ratios.first?.ratio.rounds == 1)
  }

  @Test func theSpreadOfRounds() {
    #expect(Spread([]) == nil && Spread([1, .infinity]) == nil)
    let odd = Spread([3, 1, 2])
    #expect(odd?.minimum == 1 && odd?.median == 2 && odd?.maximum == 3 && odd?.rounds == 3)
    #expect(Spread([4, 1, 2, 3])?.median == 2.5)
  }
}
