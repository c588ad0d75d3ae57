import Testing
import TraceMeasurement
import TraceModel

/// The search for the loss-free rate on paths that are made up.
@Suite struct RateSearchTests {
  /// A path that loses what is above its rate, and a sender that can send no more than its own.
  private struct Path {
    var rate: Double
    var sender: Double
    /// Trials, by their number, in which one frame is lost, or the sender has no CPU, for no reason of the path.
    var hiccups: Set<Int> = []
    var starvations: Set<Int> = []
    private(set) var number = 0

    init(rate: Double, sender: Double) {
      self.rate = rate
      self.sender = sender
    }

    mutating func trial(_ wanted: Double?) -> FrameTrial {
      number += 1
      let possible = starvations.contains(number) ? sender / 10 : sender
      let sent = min(wanted ?? possible, possible)
      let lost = hiccups.contains(number) ? 1 : 0
      return FrameTrial(
        wanted: wanted, sent: UInt64(sent), received: UInt64(min(sent, rate)) - UInt64(lost), seconds: 1)
    }

    mutating func search() -> RateSearch {
      var search = RateSearch(after: trial(nil))
      while case .try(let rate) = search.next { search.note(trial(rate)) }
      return search
    }
  }

  @Test(arguments: [60.0, 5_000, 123_456, 490_000]) func thePathsRateIsFound(_ rate: Double) throws {
    var path = Path(rate: rate, sender: 500_000)
    let search = path.search()
    let result = try #require(search.result)
    #expect(result.limit == .path)
    #expect(result.rate <= rate && result.rate >= rate * 0.95, "\(result.rate)")
    #expect(search.trials.count <= 14)
  }

  @Test func aSenderThatIsSlowerThanThePathBoundsIt() throws {
    var path = Path(rate: 500_000, sender: 100_000)
    let result = try #require(path.search().result)
    #expect(result.limit == .sender && result.rate == 100_000)
  }

  @Test func aHiccupIsNotTakenForThePath() throws {
    var path = Path(rate: 5000, sender: 500_000)
    path.hiccups = [2, 4, 6]
    let result = try #require(path.search().result)
    #expect(result.rate >= 5000 * 0.94)
  }

  @Test func aStarvedSenderIsNotTakenForASlowPath() throws {
    var path = Path(rate: 200_000, sender: 500_000)
    path.starvations = [2, 4]
    let result = try #require(path.search().result)
    #expect(result.limit == .path && result.rate >= 200_000 * 0.95)
    var always = Path(rate: 400_000, sender: 500_000)
    always.starvations = Set(2...100)
    let bounded = try #require(always.search().result)
    #expect(bounded.limit == .sender && bounded.rate <= 50_000)
  }

  @Test func aPathThatLosesAlwaysHasNoRate() {
    var path = Path(rate: 0, sender: 100_000)
    let search = path.search()
    #expect(search.result == nil && search.trials.count <= 14)
  }
}
