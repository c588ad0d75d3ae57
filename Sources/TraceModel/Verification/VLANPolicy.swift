public import NetworkAddresses

/// Which ways between VLANs must be open, and which must not.
public struct VLANPolicy: Hashable, Codable, Sendable {
  /// What a pair must be.
  public enum Expectation: String, Hashable, Codable, Sendable {
    case routed, blocked
  }

  /// Pairs that must be routed.
  public var routed: Set<VLANPair>
  /// Pairs that must be blocked.
  public var blocked: Set<VLANPair>
  /// What every other pair must be; `nil`: that does not matter.
  public var others: Expectation?

  /// States a policy.
  public init(routed: Set<VLANPair> = [], blocked: Set<VLANPair> = [], others: Expectation? = nil) {
    self.routed = routed
    self.blocked = blocked
    self.others = others
  }

  /// What must be of a pair; `nil` where that does not matter.
  public func expectation(_ pair: VLANPair) -> Expectation? {
    if routed.contains(pair) { return .routed }
    if blocked.contains(pair) { return .blocked }
    return others
  }

  /// Whether a verdict is what must be; `nil` where that does not matter, or nothing was observed.
  public func agrees(_ path: VLANPath) -> Bool? {
    guard let expected = expectation(VLANPair(path.from, path.to)) else { return nil }
    switch path.verdict {
    case .unobserved: return nil
    // Another way back is a way.
    case .routed, .asymmetric: return expected == .routed
    case .blocked: return expected == .blocked
    case .leaked: return false
    }
  }

  /// The VLANs that it speaks of.
  public var vlans: Set<VLANID> { Set(routed.union(blocked).flatMap { [$0.from, $0.to] }) }
}
