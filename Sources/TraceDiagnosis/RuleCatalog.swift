/// Every rule, the one that explains most first: where two findings are about the same traffic, the earlier is the
/// root cause.
enum RuleCatalog {
  static let rules: [any Rule.Type] = [
    ParentDown.self, ParentNoCarrier.self, ChildDown.self, HostToChildPassthru.self, HostToChildBridge.self,
    HostToChildPrivate.self, HostToChildVEPA.self, HostToChildSource.self, ChildToHostBridge.self,
    SourceMACNotListed.self, PrivateSiblingIsolation.self, VEPANoReflectiveRelay.self,
    SiblingModeMismatch.self,
    TTLLoop.self, IPv6DADFailed.self, DuplicateIP.self, StaleARP.self, ARPIgnore.self, RPFilterStrict.self,
    ARPFilter.self, RoutingPolicyRule.self, BlackholeRoute.self, NoReturnRoute.self,
    DefaultRouteOtherNet.self,
    IPForward0.self, RouterEgressDown.self, WrongNetmask.self, GatewayMissing.self, IPv6RAHijack.self,
    GatewayNonexistent.self, RouterNoRoute.self, AsymmetricPath.self, ARPFlux.self,
    NeighborUnanswered.self,
    NoReplyFromWire.self,
  ]
}
