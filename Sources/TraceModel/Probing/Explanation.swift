/// A cause that was thought of and does not fit.
public struct RuledOut: Hashable, Codable, Sendable {
  /// The id of the cause.
  public var id: String
  /// What speaks against it, in a sentence without its full stop.
  public var because: String

  /// States what speaks against a cause.
  public init(id: String, because: String) {
    self.id = id
    self.because = because
  }
}

/// What became of a probe, beside the findings: how far it came and what else it is not.
public struct Explanation: Hashable, Codable, Sendable {
  /// What was tried.
  public var run: ProbeRun
  /// Whether it works.
  public var works: Bool
  /// The frame's way as it was seen, and what should have come next.
  public var path: [PathStep]
  /// The runner-up causes with what rules them out.
  public var ruledOut: [RuledOut]

  /// Puts an explanation together.
  public init(run: ProbeRun, works: Bool, path: [PathStep], ruledOut: [RuledOut]) {
    self.run = run
    self.works = works
    self.path = path
    self.ruledOut = ruledOut
  }

  private enum CodingKeys: String, CodingKey {
    case run, works, path
    case ruledOut = "ruled_out"
  }
}
