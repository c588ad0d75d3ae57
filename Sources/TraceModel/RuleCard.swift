/// What a root cause is in general: the text of `macvtrace causes` and of the documentation.
public struct RuleCard: Hashable, Codable, Sendable {
  /// The stable id of the cause.
  public let id: String
  /// One line.
  public let title: String
  /// How bad it is.
  public let severity: Severity
  /// What it means, for a person who never heard of it.
  public let explanation: String
  /// How it is proven.
  public let proof: String
  /// How it is cured; a finding has the commands for the host at hand.
  public let fix: String

  /// Describes a cause.
  public init(
    id: String, title: String, severity: Severity, explanation: String, proof: String, fix: String
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.explanation = explanation
    self.proof = proof
    self.fix = fix
  }
}
