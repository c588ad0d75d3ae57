import TraceModel

/// Claim 20: what must be routed is, what must be blocked is.
enum PolicyClaim: ClaimJudge {
  static func claims(_ evidence: PairEvidence, _ causes: CauseFinder) -> [VLANClaim] {
    guard let policy = evidence.run.policy else {
      return [unproven(20, "no policy was given: --policy FILE says which pairs must be routed or blocked")]
    }
    guard let expected = policy.expectation(evidence.pair) else {
      return [unproven(20, "the policy does not speak of this pair")]
    }
    let path = evidence.path
    switch policy.agrees(path) {
    case true?: return [pass(20, "it is \(path.verdict.rawValue), as it must be")]
    case false?:
      return [
        fail(
          20, "it is \(path.verdict.rawValue), and must be \(expected.rawValue)",
          expected == .routed ? causes.cause(evidence.echo) : nil)
      ]
    case nil: return [unproven(20, "it must be \(expected.rawValue), and nothing was observed")]
    }
  }
}
