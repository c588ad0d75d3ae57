/// How bad a finding is, for `--fail-on`.
public enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
  case info, warning, error

  /// Orders from `info` to `error`.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How sure a finding is.
public enum Confidence: String, Codable, Sendable, CaseIterable, Comparable {
  /// The evidence speaks for it, and does not rule out another cause.
  case possible
  /// All but one link of the chain was seen; the evidence names what is missing.
  case likely
  /// The chain of evidence was observed, end to end.
  case proven

  /// Orders from `possible` to `proven`.
  public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What kind of thing was seen.
public enum EvidenceKind: String, Codable, Sendable {
  case trajectory, drop, counter, state, neighbor
}

/// One thing that was seen and speaks for a finding.
public struct Evidence: Hashable, Codable, Sendable {
  /// What kind of thing it is.
  public var kind: EvidenceKind
  /// What was seen, in a sentence that names interfaces and numbers.
  public var text: String

  /// States a piece of evidence.
  public init(_ kind: EvidenceKind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// A way to cure the fault.
///
/// macvtrace prints the commands and never runs them.
public struct Fix: Hashable, Codable, Sendable {
  /// What to do, in a sentence.
  public var text: String
  /// Shell commands, filled with this host's names; empty when the cure lies elsewhere.
  public var commands: [String]

  /// States a fix.
  public init(_ text: String, commands: [String] = []) {
    self.text = text
    self.commands = commands
  }
}

/// A root cause that was found.
public struct Finding: Hashable, Sendable {
  /// The stable id of the cause: `host-to-child-bridge`.
  public var id: String
  /// How bad it is.
  public var severity: Severity
  /// How sure it is.
  public var confidence: Confidence
  /// One line.
  public var title: String
  /// What it means, in a few sentences.
  public var explanation: String
  /// Interface ids and addresses that the finding is about.
  public var subjects: [String]
  /// The frame's way, place by place, where a drawing of it helps; empty elsewhere.
  public var path: [PathStep]
  /// What speaks for it, the strongest first.
  public var evidence: [Evidence]
  /// The one with the least harm first.
  public var fixes: [Fix]

  /// States a finding.
  public init(
    id: String, severity: Severity, confidence: Confidence, title: String, explanation: String,
    subjects: [String], path: [PathStep] = [], evidence: [Evidence], fixes: [Fix]
  ) {
    self.id = id
    self.severity = severity
    self.confidence = confidence
    self.title = title
    self.explanation = explanation
    self.subjects = subjects
    self.path = path
    self.evidence = evidence
    self.fixes = fixes
  }
}

extension Finding: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, severity, confidence, title, explanation, subjects, path, evidence, fixes
  }

  /// Reads the JSON contract's form; keys that were added to the contract later may be absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    severity = try values.decode(Severity.self, forKey: .severity)
    confidence = try values.decode(Confidence.self, forKey: .confidence)
    title = try values.decode(String.self, forKey: .title)
    explanation = try values.decode(String.self, forKey: .explanation)
    subjects = try values.decode([String].self, forKey: .subjects)
    path = try values.decodeIfPresent([PathStep].self, forKey: .path) ?? []
    evidence = try values.decode([Evidence].self, forKey: .evidence)
    fixes = try values.decode([Fix].self, forKey: .fixes)
  }
}
