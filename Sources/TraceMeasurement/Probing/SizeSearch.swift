public import TraceModel

/// Finds out which size of packets gets through: first the largest that may be sent, and where that vanishes without a
/// word, several sizes between at once, closer and closer.
public struct SizeSearch: Sendable {
  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// Send one probe of each of these sizes.
    case send([Int])
    /// Wait until that time, in nanoseconds of CLOCK_MONOTONIC, for those that are on their way.
    case wait(until: UInt64)
    /// Nothing more will be known.
    case done
  }

  /// As many of the largest size are sent before its silence means something.
  private static let tries = 2
  /// Sizes between the two that bound what is sought, at once.
  private static let width = 15
  private static let patience: UInt64 = 300_000_000

  private let smallest: Int
  private let largest: Int
  private let isSmallestKnown: Bool

  /// Begins.
  ///
  /// - Parameters:
  ///   - smallest: a size, in octets with the IP header, that gets through.
  ///   - largest: the largest that may be sent.
  ///   - isSmallestKnown: whether the smallest is known to get through; else that is tried first, and where it does not
  ///     nothing is learned of the others.
  public init(from smallest: Int, to largest: Int, isSmallestKnown: Bool = true) {
    self.isSmallestKnown = isSmallestKnown
    self.smallest = smallest
    self.largest = largest
  }

  /// What to do after these probes; those without a size do not count.
  public func next(_ probes: [Probe], now: UInt64) -> Step {
    let sized = probes.filter { $0.size != nil }
    guard largest > smallest else { return .done }
    guard let last = sized.last else { return .send([isSmallestKnown ? largest : smallest]) }
    let roundTrip = probes.compactMap { probe in probe.ended.map { $0 - min(probe.sent, $0) } }.max() ?? 0
    let due = last.sent + max(Self.patience, min(3 * roundTrip, 1_000_000_000))
    if !isSmallestKnown, let small = sized.first, sized.count == 1 {
      switch small.outcome {
      case .answered: return .send([largest])
      case .silence: return now < due ? .wait(until: due) : .done
      default: return .done
      }
    }
    let large = isSmallestKnown ? sized : Array(sized.dropFirst())
    let first = sized.filter { $0.size == largest }
    // Answered, or told how much fits: nothing vanishes.
    if first.contains(where: { $0.outcome != .silence }) { return .done }
    if sized.contains(where: { $0.outcome == .silence && $0.sent >= last.sent }) || first.count == large.count
    {
      if now < due { return .wait(until: due) }
    }
    if first.count < Self.tries { return .send([largest]) }
    let bounds = Self.bounds(sized, from: smallest, to: largest)
    guard bounds.vanishes - bounds.passes > 1 else { return .done }
    return .send(Self.between(bounds.passes, bounds.vanishes))
  }

  /// The largest size that got through, and the smallest above it that did not.
  public static func bounds(_ probes: [Probe], from smallest: Int, to largest: Int)
    -> (passes: Int, vanishes: Int)
  {
    let passes = probes.filter { $0.outcome != .silence }.compactMap(\.size).max() ?? smallest
    let vanishes = probes.filter { $0.outcome == .silence }.compactMap(\.size).filter { $0 > passes }.min()
    return (max(passes, smallest), vanishes ?? largest)
  }

  private static func between(_ low: Int, _ high: Int) -> [Int] {
    let count = min(width, high - low - 1)
    return (1...max(count, 1)).map { low + (high - low) * $0 / (count + 1) }
  }
}
