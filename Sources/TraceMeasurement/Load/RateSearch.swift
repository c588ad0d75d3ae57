public import TraceModel

/// Finds the largest rate at which no frame is lost (RFC 2544, 26.1), by halving.
///
/// It begins with as many frames as the sender can. A trial with a loss of at most one percent is repeated once: on a
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
  private static let mostTrials = 14

  /// The largest rate that lost nothing; 0 for none yet.
  private var passes = 0.0
  /// The smallest rate that lost something.
  private var fails: Double
  private var wanted: Double?
  private var isRepeated = false
  private var limit: FrameRateResult.Limit?
  /// The trials so far, the flood not among them.
  public private(set) var trials: [FrameTrial] = []

  /// Begins with what the flood gave.
  ///
  /// - Parameter flood: as many frames as the sender can, or as were asked for.
  public init(after flood: FrameTrial) {
    fails = flood.sentPerSecond
    if flood.lost == 0, flood.received > 0 {
      passes = flood.sentPerSecond
      limit = flood.wanted == nil || flood.isSenderStarved ? .sender : .rate
      return
    }
    // Most paths carry no less when more is offered: what came through is a good guess.
    let guess = flood.receivedPerSecond * 0.98
    wanted = guess > fails * 0.02 ? guess : fails / 2
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
    if isDoubtful, !isRepeated {
      isRepeated = true
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
    isRepeated = false
    if fails - passes <= fails * Self.precision {
      limit = limit ?? .path
    } else {
      // Between the bounds; nearer to the upper one where nothing passed yet and little was lost.
      wanted =
        passes == 0 && trial.lost > 0 ? min(trial.receivedPerSecond, fails) * 0.9 : (passes + fails) / 2
    }
  }

  /// The largest rate at which no frame was lost, in frames per second, and what bounds it; `nil` for none.
  public var result: (rate: Double, limit: FrameRateResult.Limit)? {
    passes > 0 ? (passes, limit ?? .path) : nil
  }
}
