public import TraceModel

/// Finds the largest rate at which no frame is lost (RFC 2544, 26.1), by halving and by what came through.
///
/// It begins with as many frames as the sender can. A trial with a loss of at most one percent is repeated: on a
/// machine that does other things, too, a receiver that was not let run is not what is looked for. So is one in which the
/// sender did not send what it should: that says nothing of the rate that was wanted, only of what was sent.
public struct RateSearch: Sendable {
  /// What to do next.
  public enum Step: Equatable, Sendable {
    /// Send at that many frames per second.
    case `try`(Double)
    /// Nothing more is to be learned.
    case done
  }

  /// How near to each other the bounds have to be, as a share of the upper one.
  private static let precision = 0.03
  private static let mostTrials = 24

  /// The largest rate that lost nothing; 0 for none yet.
  private var passes = 0.0
  /// The smallest rate that lost something.
  private var fails: Double
  private var wanted: Double?
  /// What came through the last trial that lost some, in frames per second.
  private var carried: Double
  /// Whether the last rate was one just above what had passed.
  private var wasAbove = false
  /// How often the same rate was tried again.
  private var repeats = 0
  /// What the sender sent when it sent all that it can, in frames per second.
  private let possible: Double
  private var limit: FrameRateResult.Limit?
  /// The trials so far, the flood not among them.
  public private(set) var trials: [FrameTrial] = []

  /// Begins with what the flood gave.
  ///
  /// - Parameter flood: as many frames as the sender can, or as were asked for.
  public init(after flood: FrameTrial) {
    possible = flood.sentPerSecond
    fails = possible
    carried = flood.receivedPerSecond
    if flood.lost == 0, flood.received > 0 {
      passes = flood.sentPerSecond
      limit = flood.wanted == nil || flood.isSenderStarved ? .sender : .rate
      return
    }
    wanted = carried > 0 ? carried * 0.99 : fails / 2
  }

  /// What to do next.
  public var next: Step {
    guard limit == nil, let wanted, trials.count < Self.mostTrials, wanted >= 1 else { return .done }
    return .try(wanted)
  }

  /// Takes up what the trial that `next` asked for gave.
  public mutating func note(_ trial: FrameTrial) {
    trials.append(trial)
    let rate = trial.isSenderStarved ? trial.sentPerSecond : max(wanted ?? 0, 0)
    let isWhole = trial.lost == 0 && trial.received > 0
    if isWhole { passes = max(passes, min(rate, trial.sentPerSecond)) }
    let isDoubtful =
      isWhole ? trial.isSenderStarved : Double(trial.lost) <= Double(trial.sent) * 0.01
    // A sender that has shown that it can send more is waited for.
    let patience = isWhole && (wanted ?? 0) < possible / 2 ? 5 : 1
    if isDoubtful, repeats < patience {
      repeats += 1
      return
    }
    if isWhole {
      // A sender that cannot reach the rate between the bounds cannot tell more.
      if trial.isSenderStarved { limit = .sender }
    } else {
      fails = min(fails, rate)
      // What passed once and fails at a lower rate was luck.
      if passes >= fails { passes = 0 }
    }
    repeats = 0
    if !isWhole { carried = trial.receivedPerSecond }
    guard fails - passes > fails * Self.precision else {
      limit = limit ?? .path
      return
    }
    wanted = nextRate(isWhole: isWhole)
  }

  /// What came through a trial that lost some is a good guess of what the path carries: just below it is tried first, just
  /// above what passed then, and halving is for paths that carry less the more they are offered.
  private mutating func nextRate(isWhole: Bool) -> Double {
    let below = carried * 0.99
    if !isWhole, below > passes * 1.005, below < fails { return below }
    let above = passes * (1 + Self.precision * 0.95)
    if passes > 0, carried <= passes * 1.05, above < fails, !wasAbove {
      wasAbove = true
      return above
    }
    wasAbove = false
    return passes == 0 ? min(max(below, fails / 16), fails) * 0.9 : (passes + fails) / 2
  }

  /// The largest rate at which no frame was lost, in frames per second, and what bounds it; `nil` for none.
  public var result: (rate: Double, limit: FrameRateResult.Limit)? {
    passes > 0 ? (passes, limit ?? .path) : nil
  }
}
