/// One place on the way of the frame that a finding is about, for a drawing of that way.
public struct PathStep: Hashable, Codable, Sendable {
  /// What became of the frame at a place.
  public enum Outcome: String, Codable, Sendable, CaseIterable {
    /// It was seen there.
    case passed
    /// It should have come by, and did not.
    case missing
    /// The kernel freed it there.
    case dropped
    /// Nobody looked: the place lies outside of this host, or could not be observed.
    case unobserved
  }

  /// What a person calls the place: an interface's label, `the switch`, `the host's stack`.
  public var place: String
  /// The way through that interface; `nil` for a place that is no hook.
  public var direction: Direction?
  /// What became of the frame there.
  public var outcome: Outcome
  /// What was seen there, in a few words: `3 ARP requests for 172.22.16.10`.
  public var text: String
  /// When it was seen there, in microseconds since it was first seen; `nil` where it was not, or several are meant.
  public var offset: Double?

  /// States a step.
  public init(
    _ place: String, _ direction: Direction? = nil, _ outcome: Outcome, _ text: String, offset: Double? = nil
  ) {
    self.offset = offset
    self.place = place
    self.direction = direction
    self.outcome = outcome
    self.text = text
  }

  private enum CodingKeys: String, CodingKey {
    case place, direction, outcome, text
    case offset = "offset_us"
  }

  /// Writes the JSON form, in which an absent direction is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(place, forKey: .place)
    try values.encode(direction, forKey: .direction)
    try values.encode(outcome, forKey: .outcome)
    try values.encode(text, forKey: .text)
    try values.encode(offset, forKey: .offset)
  }
}
