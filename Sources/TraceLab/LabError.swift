/// Why a lab could not be built or removed.
public struct LabError: Error, Sendable, CustomStringConvertible {
  /// What was wrong, and what to try.
  public let description: String

  init(_ description: String) { self.description = description }
}
