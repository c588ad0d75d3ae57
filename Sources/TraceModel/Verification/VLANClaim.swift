/// One thing that has to hold for a way from one VLAN to another, and whether it does.
public struct VLANClaim: Hashable, Codable, Sendable {
  /// Whether it holds.
  public enum Outcome: String, Codable, Sendable {
    case pass, fail, unproven
  }

  /// Its number, from 1 to 22.
  public var number: Int
  /// What has to hold.
  public var statement: String
  /// Whether it does.
  public var outcome: Outcome
  /// The id of the cause, where it fails and one was found.
  public var cause: String?
  /// What was seen; of an unproven one what was not observable, and how to make it so.
  public var text: String

  /// States a claim.
  public init(number: Int, statement: String, outcome: Outcome, cause: String? = nil, text: String) {
    self.number = number
    self.statement = statement
    self.outcome = outcome
    self.cause = cause
    self.text = text
  }
}
