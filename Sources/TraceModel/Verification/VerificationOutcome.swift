extension Report {
  /// Whether the ways between VLANs are as they must be.
  ///
  /// With a policy that is what it says, and that nothing leaks; a pair that it speaks of and of which nothing was observed
  /// is not as it must be. Without one every pair has to be routed, but for those of which nothing was observed.
  ///
  /// - Parameter severity: without a policy, findings of this severity or above speak against it as well.
  public func isVerified(by policy: VLANPolicy?, failOn severity: Severity) -> Bool {
    if vlanPaths.contains(where: { $0.verdict == .leaked || $0.claims.contains(where: \.isEscape) }) {
      return false
    }
    guard let policy else {
      return vlanPaths.allSatisfy { $0.verdict != .blocked } && !findings.contains { $0.severity >= severity }
    }
    return vlanPaths.allSatisfy { path in
      policy.expectation(VLANPair(path.from, path.to)) == nil || path.agreesWithPolicy == true
    }
  }
}

extension VLANClaim {
  /// Whether it says that frames get out of their VLAN past the router.
  fileprivate var isEscape: Bool { outcome == .fail && (number == 15 || number == 22) }
}
